"""Options that do nothing are refused, in one line, wherever they are given."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from scripts.cli import main
from supervised.systems.catalogue import all_systems
from supervised.systems.options import check_sample, check_training
from supervised.systems.study import SampleOptions
from supervised.systems.system import System
from tengen.errors import UserError
from tengen.options import Parser
from tengen.typed import read_training

GIVEN = {
    "prompt": "x",
    "of_class": "3",
    "count": 2,
    "length": 9,
    "temperature": 0.5,
    "top": 4,
    "guidance": 2,
    "steps": 7,
}


@pytest.mark.parametrize("system", [s for s in all_systems() if s.sample], ids=lambda s: s.name)
def test_a_sample_takes_what_steers_it_and_nothing_else(system: System) -> None:
    names = {field.name for field in fields(SampleOptions)} - {"seed"}
    assert names == GIVEN.keys() and set(system.steers) <= names and system.steers
    for name, value in GIVEN.items():
        options = SampleOptions(**{name: value})
        if name in system.steers:
            check_sample(system, options, "x")
        else:
            with pytest.raises(UserError, match=r"leave out --\w+$"):
                check_sample(system, options, "x")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("digits --learner forest --data README.md", "digits come with scikit-learn"),
        ("digits --data README.md", "digits come with scikit-learn"),
        ("digits --impl tape --data README.md", "digits come with scikit-learn"),
        ("digits --records games", "--records is for Go"),
        ("digits --learner forest --words 7", "not for pictures"),
        ("digits --learner forest --precision bfloat16", "float32 only"),
        ("digits --learner forest --device cuda", "on the cpu only"),
        ("digits --learner tree --steps 7", "--steps does nothing for --learner tree"),
        ("in-context --data README.md", "linear reads none"),
        ("lesson --data README.md", "ravine reads none"),
        ("text --net gpt --embedding 7", "--embedding does nothing for --net gpt"),
        ("translation --net attention --heads 2", "--heads does nothing"),
        ("text --records games", "act2vec reads them"),
        ("sentences --trunk RUN --width 7", "--width does nothing with --trunk: RUN has its own"),
        ("corridor --agent reinforce --impl tape", "leave out --agent: tengen train corridor --impl tape"),
        ("digits --learner lda", "lda learns from sentences, not from digits: tengen train sentences --learner lda"),
        ("sentences --learner kmeans", "for sentences there are lda, linear, logistic, sgd"),
        ("sentences --trunk RUN --filters 7", "--filters does nothing with --trunk"),
    ],
)
def test_what_does_nothing_is_one_line(
    typed: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tengen.device.torch.cuda.is_available", lambda: True)
    assert main(["train", *typed.split(), "--runs", str(tmp_path), "--wandb", "off", "--threads", "1"]) == 2
    error = capsys.readouterr().err.splitlines()
    assert said in error[-1] and not any(tmp_path.iterdir())


@pytest.mark.parametrize("system", all_systems(), ids=lambda s: f"{s.task}-{s.name}")
def test_a_system_without_options_has_nothing_to_refuse(system: System) -> None:
    task = "sentences" if system.task == "sentences" else system.task.split("|")[0]
    check_training(system, read_training(Parser("tengen train"), [task, system.option, system.name]).training)
    training = system.training(task)
    for name in system.unused:
        assert hasattr(training.config, name) or hasattr(training.settings, name)


def test_a_text_has_no_class(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", "text-gpt", "--class", "3"]) == 2
    assert capsys.readouterr().err == (
        "tengen: text-gpt is a gpt, which knows --prompt, --temperature, --top, --length, --count; leave out --class\n"
    )
    assert main(["sample", "digits-vae", "--prompt", "ROMEO"]) == 2
    assert "leave out --prompt" in capsys.readouterr().err


def test_the_first_line_names_the_network_that_learns() -> None:
    def first(*typed: str) -> str:
        kind, _, training, _ = read_training(Parser("tengen train"), typed)
        return kind.headline(training)

    assert first("mnist") == "mnist: lenet, 12 epochs"
    assert first("mnist", "--trunk", "runs/a-vae") == "mnist: the trunk of runs/a-vae, 12 epochs"
