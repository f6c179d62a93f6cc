"""How PPO plays: it samples from its policy, and records the probability and its value estimate of the state."""

from __future__ import annotations

from typing import Any

import torch

from agents.common import acting
from agents.common.acting import Experience
from agents.common.losses import log_prob


class Actor(acting.Actor):
    generator_name = "actions"

    def play(self, task: Any = None) -> Experience:
        """T steps in B games; notes: log-probabilities of the actions [T, B], and values [T + 1, B]."""
        c, env = self.config, self.env
        log_pi = torch.zeros(c.num_steps, env.num_envs)  # [T, B] of the policy that plays
        value = torch.zeros(c.num_steps + 1, env.num_envs)  # [T + 1, B]
        rollout = self.rollout(c.num_steps)
        for t in range(c.num_steps):
            action, log_pi[t], value[t] = self.act(rollout.observe(t, self.obs))
            with self.watch("environment"):
                transition = env.step(action.numpy())
            rollout.record(t, action, transition, c.clip_reward, c.point_ends)
            self.obs = transition.obs
        value[c.num_steps] = self.predict(torch.from_numpy(self.obs))[1]
        return rollout, (log_pi, value)

    @torch.inference_mode()
    def predict(self, obs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of the policy [B, A] and values [B], on the CPU."""
        with self.watch("acting"), self.compute.autocast():
            out = self.net(obs.to(self.compute.device))
            return out["policy"].float().cpu(), out["value"].float().cpu()

    @torch.inference_mode()
    def act(self, obs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Actions [B] int64, their log-probabilities [B] and the values [B], all on the CPU."""
        logits, value = self.predict(obs)
        with self.watch("acting"):
            action = torch.multinomial(logits.softmax(1), 1, generator=self.generator).squeeze(1)
            return action, log_prob(logits, action), value
