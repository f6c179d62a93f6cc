"""Few-shot learning in miniature (Brown 2020, arXiv:2005.14165; Garg 2022, arXiv:2208.01066).

    tengen train in-context --family linear

A GPT is trained on prompts of examples, each of a task that it has never seen and will never see again. It cannot
memorise tasks, but it can learn to learn: with fixed weights, its error on a new task falls with the number of
examples in the prompt.

    loss = mean over k of loss(answer to x_k | x_1 y_1 .. x_{k-1} y_{k-1}), y_k)
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from supervised.sequence.in_context.config import Config
from supervised.sequence.in_context.families import FAMILIES, Family, Prompts
from supervised.sequence.in_context.network import build
from supervised.systems.gradient import GradientStudy, Metrics, Parts
from supervised.systems.precision import in_float32
from supervised.systems.study import Measured, Setup
from tengen.display import Words
from tengen.errors import UserError
from tengen.figures import COLOURS, pyplot, write

TESTED, MEASURED = 512, 4096  # prompts


def study(setup: Setup) -> GradientStudy:
    """What `tengen train in-context` trains."""
    c: Config = setup.config
    if c.hidden % c.heads:
        raise UserError(f"--hidden {c.hidden} is not a multiple of --heads {c.heads}")
    if c.examples < 2:
        raise UserError("--examples 1: a prompt needs at least one example before its question")
    family: Family = FAMILIES[c.family](c.dimension)
    sizes = {"inputs": family.inputs, "outputs": family.outputs, "width": c.hidden, "heads": c.heads}
    network = sizes | {"layers": c.layers, "examples": c.examples}
    torch.manual_seed(setup.seeds.integer("network"))
    compute = setup.compute or in_float32(setup.settings)

    def answers(model: nn.Module, prompts: Prompts) -> torch.Tensor:
        return model(prompts.tokens.to(compute.device)).cpu()  # type: ignore[no-any-return]

    def loss(model: nn.Module, rng: np.random.Generator, step: int) -> tuple[torch.Tensor, Metrics]:
        prompts = family.draw(rng, c.batch, c.examples)
        return family.losses(answers(model, prompts), prompts.y).mean(), {}

    held_out = family.draw(setup.seeds.numpy("held out"), MEASURED, c.examples)

    def errors(model: nn.Module, count: int) -> np.ndarray:
        """The errors [count, N] on tasks that are held out."""
        prompts = Prompts(held_out.tokens[:count], held_out.y[:count])
        return family.errors(answers(model, prompts), prompts.y).numpy()

    def test(model: nn.Module) -> Metrics:
        found = errors(model, TESTED).mean(0)
        return {"error": float(found[-1]), "error_without_examples": float(found[0])}

    parts = Parts(
        network=network,
        model=build(network),
        loss=loss,
        test=test,
        measure=lambda model: measured(c, family, errors(model, MEASURED), family.at_best(held_out)),
        score=lambda found: -found["error"],
        words=Words(
            "gradient steps", "test/error", f"{family.error} with all examples", ("learning", "testing"), ("loss",)
        ),
        about=[f"prompts of {c.examples} examples, each of a task of its own: {c.family}, dimension {c.dimension}"],
        pictures=lambda model, folder: [
            curve(family, errors(model, MEASURED), family.at_best(held_out), folder / "in-context.png")
        ],
    )
    return GradientStudy(parts, setup, compute, tick_every=50)


def measured(c: Config, family: Family, errors: np.ndarray, best: np.ndarray) -> Measured:
    """What the card says of `errors` [M, N], beside the `best` ones possible."""
    last, half = errors[:, -1], 1.96 * float(errors[:, -1].std()) / len(errors) ** 0.5
    middle = c.examples // 2
    mean, mean_best = errors.mean(0), best.mean(0)
    return Measured(
        metric=f"{family.error} after {c.examples - 1} examples",
        value=float(last.mean()),
        ci95=(float(last.mean()) - half, float(last.mean()) + half),
        measured_on=f"{len(errors):,} tasks",
        better="lower",
        protocol=f"{c.family}, dimension {c.dimension}: new tasks, {c.examples} examples in the prompt, weights fixed",
        also={
            "without examples": float(mean[0]),
            f"after {middle}": float(mean[middle]),
            f"at best after {middle}": float(mean_best[middle]),
            "at best after all": float(mean_best[-1]),
        },
    )


def curve(family: Family, errors: np.ndarray, best: np.ndarray, out: Path) -> Path:
    """Error against the number of examples that were in the prompt before the question."""
    figure, axes = pyplot().subplots(figsize=(7, 4.5), layout="constrained")
    examples = np.arange(errors.shape[1])
    names = {"squared error": "least squares on the same examples", "wrong answers": "the table seen so far"}
    axes.plot(examples, errors.mean(0), "o-", color=COLOURS[0], label="the network, its weights fixed")
    axes.plot(examples, best.mean(0), "--", color=COLOURS[1], label=names[family.error])
    axes.set_xlabel("examples in the prompt")
    axes.set_ylabel(family.error)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    axes.grid(alpha=0.25)
    write(figure, out)
    return out
