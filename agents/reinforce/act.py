"""How REINFORCE plays: every game to its end, with actions sampled from the policy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from agents.common import acting
from agents.common.acting import Experience


class Actor(acting.Actor):
    generator_name = "actions"

    def play(self, task: Any = None) -> Experience:
        """Play until every game has ended once; note: which rows [T, B] belong to those games."""
        c, env = self.config, self.env
        rollout = self.rollout(c.longest)
        running = np.ones(env.num_envs, bool)
        counts = torch.zeros(c.longest, env.num_envs, dtype=torch.bool)
        t = 0
        while t < c.longest and running.any():
            action = self.act(rollout.observe(t, self.obs))
            with self.watch("environment"):
                transition = env.step(action.numpy())
            rollout.record(t, action, transition, c.clip_reward, c.point_ends)
            counts[t] = torch.from_numpy(running & transition.valid)
            running &= ~(transition.ended & transition.valid)
            self.obs = transition.obs
            t += 1
        return rollout, (counts[:t],)

    @torch.inference_mode()
    def act(self, obs: torch.Tensor) -> torch.Tensor:
        """Actions [B] int64 drawn from the policy."""
        with self.watch("acting"), self.compute.autocast():
            logits = self.net(obs.to(self.compute.device))["policy"].float().cpu()
            return torch.multinomial(logits.softmax(1), 1, generator=self.generator).squeeze(1)
