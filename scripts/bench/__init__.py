"""`tengen bench NAME`: compare Tengen's speed with its peers'. A benchmark is a file here with `rows(quick)`."""

from __future__ import annotations

import importlib
import json

from tengen.errors import UserError, unknown
from tengen.options import Parser

BENCHMARKS = ("atari", "classical", "go", "gtp", "nets", "ray", "search", "sequence")


def run(parser: Parser, args: list[str]) -> int:
    parser.add_argument("name", help="atari, classical, go, gtp, nets, ray, search or sequence")
    parser.add_argument("--json", action="store_true", help="print rows {what, unit, value, baseline, ratio}")
    parser.add_argument("--quick", action="store_true", help="finish within 40 seconds (ray: 120)")
    parser.add_argument("--simulate", action="store_true", help="ray: sleeping workers, compared with the model")
    options = parser.parse_all(args)
    if options.name not in BENCHMARKS:
        raise unknown("benchmark", options.name, BENCHMARKS)
    module = importlib.import_module(f"scripts.bench.{options.name}")
    if options.simulate and not hasattr(module, "simulated"):
        raise UserError(f"`bench {options.name}` has no simulation; bench ray has")
    measured = []
    if not options.json:
        print(f"{'what':18} {'unit':16} {'value':>12} {'baseline':>12} {'ratio':>8}", flush=True)
    for row in (module.simulated if options.simulate else module.rows)(options.quick):
        measured.append(row)
        if not options.json:
            numbers = f"{row['value']:>12,.2f} {row['baseline']:>12,.2f} {row['ratio']:>8.2f}"
            print(f"{row['what']:18} {row['unit']:16} {numbers}", flush=True)
    if options.json:
        print(json.dumps(measured, indent=2))
    return 0
