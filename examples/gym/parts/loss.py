"""The loss of proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347)."""

import torch


def log_probability(logits: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
    """log pi(a|o) [N] of actions [N] int64 under softmax of logits [N, A]. It must not overflow: logits may be 1000."""
    return logits.log_softmax(1).gather(1, actions[:, None]).squeeze(1)


def entropy(logits: torch.Tensor) -> torch.Tensor:
    """-sum over a of pi(a) log pi(a), [N] in nats: log A for a uniform policy, 0 for a deterministic one."""
    log_pi = logits.log_softmax(1)
    return -(log_pi.exp() * log_pi).sum(1)


def clipped(new: torch.Tensor, old: torch.Tensor, advantage: torch.Tensor, epsilon: float) -> torch.Tensor:
    """The negated clipped objective, to be minimised (equation 7): the mean over N, a tensor [].

    new [N]: log pi(a|o) now, with a gradient; old [N]: when the action was sampled, without; advantage [N].

        ratio = exp(new - old)
        L     = mean of min(ratio * A, clip(ratio, 1 - epsilon, 1 + epsilon) * A)        return -L

    The minimum matters: it takes the clipped term only where that is worse, so nothing is gained by moving the policy
    further than epsilon, but a step in the wrong direction can always be undone.
    """
    ratio = (new - old).exp()
    return -torch.minimum(ratio * advantage, ratio.clip(1 - epsilon, 1 + epsilon) * advantage).mean()


def value_error(value: torch.Tensor, returns: torch.Tensor) -> torch.Tensor:
    """Half the mean squared difference of value [N] and returns [N] (constants: advantage + the old value)."""
    return 0.5 * (value - returns).square().mean()
