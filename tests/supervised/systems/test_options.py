"""Options without effect are rejected, in one line, wherever they are given."""

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
        ("digits --learner forest --words 7", "--words is for sentences"),
        ("digits --learner forest --precision bfloat16", "only computes in float32"),
        ("digits --learner forest --device cuda", "only computes on the cpu"),
        ("digits --learner tree --steps 7", "--steps has no effect for --learner tree"),
        ("in-context --data README.md", "linear reads none"),
        ("lesson --data README.md", "ravine reads none"),
        ("text --net gpt --embedding 7", "--embedding has no effect for --net gpt"),
        ("translation --net attention --heads 2", "--heads has no effect"),
        ("text --records games", "act2vec reads them"),
        ("sentences --trunk RUN --width 7", "--width has no effect with --trunk: RUN has its own"),
        ("corridor --agent reinforce --impl tape", "leave out --agent: tengen train corridor --impl tape"),
        ("digits --learner lda", "lda learns from sentences, not from digits: tengen train sentences --learner lda"),
        ("sentences --learner kmeans", "for sentences there are lda, linear, logistic, sgd"),
        ("digits --learner forest --impl tape", "leave one out: tengen train digits --impl tape, or tengen"),
        ("digits --impl tape --net lenet", "--impl tape and --net lenet each choose what learns"),
        ("mnist --model gan --learner forest", "--model gan and --learner forest each choose what learns"),
        ("words --net act2vec --data x", "act2vec reads none; leave it out, or give --records PATH"),
        ("text --ray local", "--ray is for trainings with --workers or --learners"),
        ("sentences --trunk RUN --filters 7", "--filters has no effect with --trunk"),
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
        "tengen: text-gpt is a gpt, which takes --prompt, --temperature, --top, --length, --count; leave out --class\n"
    )
    assert main(["sample", "digits-vae", "--prompt", "ROMEO"]) == 2
    assert "leave out --prompt" in capsys.readouterr().err


def test_the_first_line_names_the_network_that_learns() -> None:
    def first(*typed: str) -> str:
        kind, _, training, _ = read_training(Parser("tengen train"), typed)
        return kind.headline(training)

    assert first("mnist") == "mnist: lenet, 12 epochs"
    assert first("mnist", "--trunk", "runs/a-vae") == "mnist: the trunk of runs/a-vae, 12 epochs"


@pytest.mark.parametrize(
    ("typed", "kept", "left_out"),
    [
        ("digits", {"--trunk"}, {"--data", "--records", "--features"}),
        ("mnist", {"--trunk", "--data"}, {"--records", "--features"}),
        ("go9 --records x", {"--trunk", "--records"}, {"--data"}),
        ("digits --learner tree", {"--min-leaf"}, {"--trunk", "--data", "--steps", "--words", "--ray", "--learners"}),
        ("sentences --learner sgd", {"--data", "--words"}, {"--trunk", "--records"}),
        ("sentences", {"--data", "--trunk", "--freeze-trunk"}, {"--keep-heads", "--records"}),
        ("text", {"--data"}, {"--trunk", "--records", "--layout", "--learner-gpus", "--heads"}),
        ("words", {"--data"}, {"--records", "--board"}),
        ("words --net act2vec", {"--records", "--board"}, {"--data"}),
        ("lesson", {"--steps"}, {"--data", "--trunk", "--noise"}),
        ("corridor --impl tape", {"--steps"}, {"--data", "--trunk", "--workers"}),
        ("corridor", {"--trunk", "--workers", "--ray"}, {"--learners", "--learner-gpus"}),
    ],
)
def test_the_help_lists_what_is_accepted(
    typed: str, kept: set[str], left_out: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for which in ("--help", "--help-all"):
        with pytest.raises(SystemExit):
            main(["train", *typed.split(), which])
        listed = {line.split()[0].rstrip(",") for line in capsys.readouterr().out.splitlines() if line[:4] == "  --"}
        assert not left_out & listed
    assert kept <= listed
