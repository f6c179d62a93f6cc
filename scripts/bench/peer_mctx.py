"""Pgx and mctx on 9x9 Go, timed: simulations a second of batched Gumbel search with a tower of residual blocks.

Run by the interpreter in .venv-mctx; imports nothing of Tengen. Prints one rate a round.

usage: peer_mctx.py BATCH SIMULATIONS CHANNELS BLOCKS ROUNDS
"""

import sys
import time

import jax
import jax.numpy as jnp
import mctx
import pgx


def main(batch: int, simulations: int, channels: int, blocks: int, rounds: int) -> None:
    env = pgx.make("go_9x9")
    key = jax.random.PRNGKey(0)

    def weight(k, *shape):  # type: ignore[no-untyped-def]
        return 0.05 * jax.random.normal(jax.random.fold_in(key, k), shape)

    params = {
        "stem": weight(0, 3, 3, 17, channels),
        "policy": weight(1, 81 * channels, 82),
        "value": weight(2, channels, 1),
    }
    params["blocks"] = [
        (weight(10 + 2 * i, 3, 3, channels, channels), weight(11 + 2 * i, 3, 3, channels, channels))
        for i in range(blocks)
    ]

    def conv(x, w):  # type: ignore[no-untyped-def]
        return jax.lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def network(p, obs):  # type: ignore[no-untyped-def]
        x = jax.nn.relu(conv(obs.astype(jnp.float32), p["stem"]))
        for one, two in p["blocks"]:
            x = jax.nn.relu(x + conv(jax.nn.relu(conv(x, one)), two))
        return x.reshape(len(x), -1) @ p["policy"], jnp.tanh(x.mean((1, 2)) @ p["value"])[:, 0]

    def recurrent(p, rng, action, state):  # type: ignore[no-untyped-def]
        mover = state.current_player
        state = jax.vmap(env.step)(state, action)
        logits, value = network(p, state.observation)
        logits = jnp.where(state.legal_action_mask, logits, jnp.finfo(logits.dtype).min)
        reward = state.rewards[jnp.arange(len(mover)), mover]
        value = jnp.where(state.terminated, 0.0, value)
        discount = jnp.where(state.terminated, 0.0, -1.0)
        return mctx.RecurrentFnOutput(reward=reward, discount=discount, prior_logits=logits, value=value), state

    @jax.jit
    def search(p, rng, state):  # type: ignore[no-untyped-def]
        logits, value = network(p, state.observation)
        root = mctx.RootFnOutput(prior_logits=logits, value=value, embedding=state)
        out = mctx.gumbel_muzero_policy(
            p,
            rng,
            root,
            recurrent,
            simulations,
            invalid_actions=~state.legal_action_mask,
            max_num_considered_actions=16,
        )
        return out.action

    state = jax.jit(jax.vmap(env.init))(jax.random.split(key, batch))
    step = jax.jit(jax.vmap(env.step))
    for _ in range(2):  # compiled, and a few stones on the board
        state = step(state, search(params, key, state).block_until_ready())
    for k in range(rounds):
        begun = time.perf_counter()
        action = search(params, jax.random.fold_in(key, k), state).block_until_ready()
        print(batch * simulations / (time.perf_counter() - begun), flush=True)
        state = step(state, action)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
