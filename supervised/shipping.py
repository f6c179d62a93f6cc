"""`tengen zoo --add`: a trained network, small enough for the repository, with its card.

Weights are stored in bfloat16, and the card is measured on the network as shipped.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from supervised.nets.headed import HeadedNet, Saveable, save_network
from tengen.description import Description
from tengen.errors import UserError
from tengen.files import write_json
from tengen.kinds import ShipOptions, kind_named
from tengen.run import Run, find_run, no_run
from tengen.zoo import zoo_folder

Put = Callable[[Saveable, dict[str, Any]], None]  # writes network and card; may be called again with a better card


def ship(run_name: str, name: str, options: ShipOptions) -> Path:
    """Put the network of a run into the zoo as `name`; its folder."""
    path = find_run(options.runs, run_name)
    if path is None:
        raise no_run(options.runs, run_name)
    if not name.replace("-", "").isalnum():
        raise UserError("--add RUN needs --name NAME of letters, digits and dashes")
    folder = zoo_folder() / name
    if folder.exists():
        raise UserError(f"the zoo already has a {name}; remove {folder} or choose another --name")
    run = Run.open(path)

    def put(net: Saveable, card: dict[str, Any]) -> None:
        save_network(folder, net, torch.bfloat16)
        write_json(folder / "card.json", card)

    try:
        kind_named(Description.of_run(run).kind).ship(run, name, options, put)
    except PermissionError as error:
        raise UserError(f"cannot write the zoo in {zoo_folder()}; use a checkout of the project") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def as_shipped(net: HeadedNet) -> HeadedNet:
    """`net` with its weights rounded to bfloat16, as the zoo holds them."""
    with torch.no_grad():
        for value in net.state_dict().values():
            if value.is_floating_point():
                value.copy_(value.to(torch.bfloat16))
    return net
