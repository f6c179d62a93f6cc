"""A system's entry in a catalogue: a row of the reading list that trains. No torch in here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from supervised.systems.settings import SystemSettings
from tengen.kinds import Training
from tengen.lookup import find


@dataclass(frozen=True)
class System:
    """An entry; `module:name` is imported when used."""

    task: str  # pattern of the tasks that it learns: "text", "digits|mnist"
    option: str  # chooses among the systems of a task: "--net", "--model", "--learner", "--impl"
    name: str  # the value of the option
    about: str
    config: str  # module:NAME of an instance of a frozen dataclass, whose field of the option's name holds `name`
    study: str  # module:function of a Setup (study.py), gives a Study
    model: str = ""  # module:function (network, weights) -> the trained model
    sample: str = ""  # module:function (model, SampleOptions, say) -> Sample
    settings: Mapping[str, Any] = field(default_factory=dict)  # other defaults of SystemSettings
    default: bool = False  # what its task trains without the option
    paper: str = ""  # its name in the reading list; empty: `name`
    reads: tuple[str, ...] = ("data",)  # of the settings that name data: those that it uses
    unused: tuple[str, ...] = ()  # fields of settings and configuration that do nothing here
    takes_trunk: bool = False  # whether --trunk and --freeze-trunk mean something here
    of_trunk: tuple[str, ...] = ()  # fields of the configuration that --trunk decides
    steers: tuple[str, ...] = ()  # fields of SampleOptions that `sample` uses, besides the seed

    def learns(self, task: str) -> bool:
        return re.fullmatch(self.task, task) is not None

    def training(self, task: str) -> Training:
        """Its default settings and configuration for `task`."""
        settings, config = SystemSettings(**self.settings), find(self.config)
        return Training("system", task, self.name, settings, config, f"{self.name}: {self.about}")
