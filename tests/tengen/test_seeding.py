"""Named generators: the same name gives the same numbers, whatever else is drawn."""

import json

import numpy as np
import torch

from tengen.seeding import Seeds, generator_state, restore_generator


def test_names_and_seeds_tell_generators_apart() -> None:
    draw = lambda seed, name: int(Seeds(seed).numpy(name).integers(2**60))  # noqa: E731
    assert draw(1, "a") == draw(1, "a")
    assert len({draw(s, n) for s in (1, 2) for n in ("a", "b")}) == 4
    assert Seeds(1).integer("x", 0) != Seeds(1).integer("x", 1)
    same = [torch.rand(3, generator=Seeds(5).torch("t")) for _ in range(2)]
    assert torch.equal(*same)


def test_a_generator_is_restored_from_json() -> None:
    generator = np.random.Generator(np.random.PCG64(3))
    generator.integers(10, size=3, dtype=np.int32)
    saved = json.loads(json.dumps(generator_state(generator)))
    expected = generator.random(4)
    other = np.random.Generator(np.random.PCG64(99))
    restore_generator(other, saved)
    assert np.array_equal(other.random(4), expected)
