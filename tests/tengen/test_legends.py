"""Legend labels for several runs in one figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tengen.legends import legends


def run(folder: Path, agent: str = "vae", seed: int = 1, **options: Any) -> Path:
    folder.mkdir(parents=True)
    settings = {"seed": seed, "threads": int(folder.name[-1]), "data": options.pop("data", "")}
    config = {"lr": 1e-3, "latent": 20, "double": True} | options
    what = {"kind": "system", "task": "binary-mnist", "agent": agent, "settings": settings, "config": config}
    (folder / "config.yaml").write_text(yaml.safe_dump(what, sort_keys=False))
    return folder


def test_a_legend_names_what_differs(tmp_path: Path) -> None:
    found = [run(tmp_path / "1"), run(tmp_path / "2", latent=2, double=False), run(tmp_path / "3", "made", lr=1e-4)]
    assert [str(one) for one in legends(found)] == [
        "vae, latent 20, double s1",
        "vae, latent 2, no double s1",
        "made s1",
    ]
    assert [str(one) for one in legends(found[:1])] == ["vae s1"]


def test_seeds_share_a_name_and_data_is_told_by_its_file(tmp_path: Path) -> None:
    found = [run(tmp_path / "1", seed=1), run(tmp_path / "2", seed=2), run(tmp_path / "3", data="/some/where/bits.npz")]
    assert [str(one) for one in legends(found[:2])] == ["vae s1", "vae s2"]
    assert [one.name for one in legends(found)] == ["vae, data none", "vae, data none", "vae, data bits.npz"]


def test_the_same_twice_is_told_by_its_folder(tmp_path: Path) -> None:
    assert [str(one) for one in legends([run(tmp_path / "1"), run(tmp_path / "2")])] == ["vae (1) s1", "vae (2) s1"]


def test_what_is_spoken_alike_is_not_taken_for_the_same(tmp_path: Path) -> None:
    """Grouped by label, runs on two files of the same name would be one band; so would rates that round to the same."""
    found = [run(tmp_path / "1", data="/a/bits.npz"), run(tmp_path / "2", data="/b/bits.npz", seed=2)]
    assert [one.name for one in legends(found)] == ["vae, data '/a/bits.npz'", "vae, data '/b/bits.npz'"]
    found = [run(tmp_path / "3", lr=1e-3), run(tmp_path / "4", lr=1.0000001e-3)]
    assert len({one.name for one in legends(found)}) == 2
