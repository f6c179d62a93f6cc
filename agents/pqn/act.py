"""How PQN plays: epsilon-greedily, recording the best value of each state."""

from __future__ import annotations

import torch

from agents.common import acting
from agents.common.acting import Experience
from agents.common.exploration import epsilon_greedy


class Actor(acting.Actor):
    generator_name = "exploration"

    def play(self, epsilon: float = 0.0) -> Experience:
        """T steps in B games with the fraction `epsilon` of random actions; note: max_a Q(s_t, a) [T + 1, B]."""
        c, env = self.config, self.env
        best = torch.zeros(c.num_steps + 1, env.num_envs)
        rollout = self.rollout(c.num_steps)
        for t in range(c.num_steps):
            action, best[t] = self.act(rollout.observe(t, self.obs), epsilon)
            with self.watch("environment"):
                transition = env.step(action.numpy())
            rollout.record(t, action, transition, c.clip_reward, c.point_ends)
            self.obs = transition.obs
        best[c.num_steps] = self.values(torch.from_numpy(self.obs)).amax(1)
        return rollout, (best,)

    @torch.inference_mode()
    def values(self, obs: torch.Tensor) -> torch.Tensor:
        """Q [B, A] on the CPU."""
        with self.watch("acting"), self.compute.autocast():
            q: torch.Tensor = self.net(obs.to(self.compute.device))["q"]
            return q.float().cpu()

    def act(self, obs: torch.Tensor, epsilon: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Epsilon-greedy actions [B] int64 and the best values [B]."""
        best, greedy = self.values(obs).max(1)
        action = epsilon_greedy(epsilon, self.env.num_actions, len(obs), self.generator, lambda: greedy)
        return action, best
