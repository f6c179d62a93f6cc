"""The loss of a prediction."""

import torch


def log_loss(logits: torch.Tensor, score: torch.Tensor) -> torch.Tensor:
    """-(s log p + (1 - s) log(1 - p)) with p the sigmoid of `logits`; the mean over N in nats, a tensor [].

    logits [N]; score [N]: 1 won, 0 lost, 0.5 drew (half of each). It must not overflow: a logit may be 1000, and the
    logarithm of the sigmoid of -1000 is -1000, not -inf. Use softplus(x) = log(1 + exp(x)).
    """
    raise NotImplementedError("write it with softplus; a logarithm of a sigmoid is a softplus")
