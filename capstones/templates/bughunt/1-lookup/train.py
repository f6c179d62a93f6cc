"""Attention as a look-up: a list of (key, value) pairs, some questions, and the answers.

    list       k: 3 -> a    k: 7 -> c    k: 1 -> a    k: 4 -> b
    questions  7? 1?
    answers    c  a

Queries, keys and values are linear maps of learned embeddings; there is nothing else in the network:

    answer = softmax(q k^T / sqrt(d)) v                       (Vaswani et al. 2017, arXiv:1706.03762, Eq. 1)

    python train.py     a few seconds
"""

import math
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

KEYS, VALUES, PAIRS, QUESTIONS = 16, 4, 8, 4


def examples(batch, questions, generator):
    """Distinct keys [B, P], values [B, P], questions [B, Q] drawn from the keys, and their answers [B, Q]."""
    keys = torch.rand(batch, KEYS, generator=generator).argsort(1)[:, :PAIRS]
    values = torch.randint(VALUES, (batch, PAIRS), generator=generator)
    chosen = torch.rand(batch, PAIRS, generator=generator).argsort(1)[:, :questions]
    return keys, values, keys.gather(1, chosen), values.gather(1, chosen)


def attention(q, k, v):
    """What queries q [B, Q, D] retrieve from the pairs k [B, P, D], v [B, P, D]: [B, Q, D]."""
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])  # [B, Q, P]
    weights = F.softmax(scores, dim=1)
    return weights @ v


class LookUp(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.key_vectors = nn.Embedding(KEYS, width)
        self.value_vectors = nn.Embedding(VALUES, width)
        self.to_q, self.to_k, self.to_v = (nn.Linear(width, width) for _ in range(3))
        self.out = nn.Linear(width, VALUES)

    def forward(self, keys, values, questions):
        """Logits [B, Q, VALUES]."""
        q = self.to_q(self.key_vectors(questions))
        k = self.to_k(self.key_vectors(keys))
        v = self.to_v(self.value_vectors(values))
        return self.out(attention(q, k, v))


def accuracy(net, questions, seed=1):
    """Fraction of correct answers on 512 new lists."""
    *given, answers = examples(512, questions, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return (net(*given).argmax(-1) == answers).float().mean().item()


def train(steps=200, seed=0):
    """The network and its curve: steps, and accuracy with four questions and with one."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    net = LookUp()
    optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
    x, y = [], {"accuracy, 4 questions": [], "accuracy, 1 question": []}
    for step in range(steps + 1):
        if step % 20 == 0:
            x.append(step)
            y["accuracy, 4 questions"].append(accuracy(net, QUESTIONS))
            y["accuracy, 1 question"].append(accuracy(net, 1))
        *given, answers = examples(64, QUESTIONS, generator)
        loss = F.cross_entropy(net(*given).flatten(0, 1), answers.flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return net, x, y


if __name__ == "__main__":
    from curve import show

    _, x, y = train()
    show(Path(__file__).parent, x, y)
