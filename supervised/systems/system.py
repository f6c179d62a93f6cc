"""A system's entry in a catalogue: a trainable row of the reading list. Does not import torch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from supervised.systems.settings import SystemSettings
from tengen.kinds import Training
from tengen.lookup import find

NOT_DIGITS = "(?!digits$).*"  # pattern of the tasks whose data do not come with scikit-learn
_OF_OTHERS = ("trunk", "keep_heads", "freeze_trunk", "layout", "convolutions")


@dataclass(frozen=True)
class System:
    """`module:name` is imported on use."""

    task: str  # pattern of the tasks it learns: "text", "digits|mnist"
    option: str  # the option that chooses among the systems of a task: "--net", "--model", "--learner", "--impl"
    name: str  # the value of the option
    about: str
    config: str  # module:NAME of an instance of a frozen dataclass, whose field of the option's name holds `name`
    study: str  # module:function (Setup) -> Study (study.py)
    model: str = ""  # module:function (network, weights) -> the trained model
    sample: str = ""  # module:function (model, SampleOptions, say) -> Sample
    settings: Mapping[str, Any] = field(default_factory=dict)  # other defaults of SystemSettings
    default: bool = False  # trained if the option is not given
    paper: str = ""  # its name in the reading list; empty: `name`
    reads: tuple[str, ...] = ("data",)  # which of the data settings it uses
    unused: tuple[str, ...] = ()  # fields of settings and configuration without effect here
    only: Mapping[str, str] = field(default_factory=dict)  # field of settings or configuration -> pattern of its tasks
    takes_trunk: bool = False  # whether it supports --trunk and --freeze-trunk
    of_trunk: tuple[str, ...] = ()  # fields of the configuration that --trunk determines
    steers: tuple[str, ...] = ()  # fields of SampleOptions that `sample` uses, besides the seed

    def learns(self, task: str) -> bool:
        return re.fullmatch(self.task, task) is not None

    def training(self, task: str) -> Training:
        """Its default settings and configuration for `task`."""
        settings, config = SystemSettings(**self.settings), find(self.config)
        elsewhere = (name for name, tasks in self.only.items() if not re.fullmatch(tasks, task))
        unread = (name for name in ("data", "records") if name not in self.reads)
        without = (*self.of_others, *unread, *self.unused, *elsewhere)
        return Training("system", task, self.name, settings, config, f"{self.name}: {self.about}", without=without)

    @property
    def of_others(self) -> tuple[str, ...]:
        """Settings of every training that this one refuses: it has its own network."""
        return tuple(name for name in _OF_OTHERS if not (self.takes_trunk and name in ("trunk", "freeze_trunk")))
