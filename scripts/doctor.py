"""`tengen doctor`: describe this machine, what Tengen will use, and how fast each stage runs here."""

from __future__ import annotations

import platform

from tengen.options import Parser


def run(parser: Parser, args: list[str]) -> int:
    parser.parse_all(args)
    import psutil
    import torch

    from tengen.conflicts import name_conflicts
    from tengen.device import cores, cpu_name
    from tengen.diagnose import diagnose
    from tengen.kinds import all_kinds

    memory = psutil.virtual_memory()
    print(f"machine    {cpu_name()}, {cores()} cores")
    print(f"memory     {memory.total / 1e9:.1f} GB, {memory.available / 1e9:.1f} GB free")
    print(f"software   Python {platform.python_version()}, PyTorch {torch.__version__}, {platform.system()}")
    diagnose(lambda text: print(text, flush=True))
    for conflict in name_conflicts():
        print(f"conflict   {conflict}", flush=True)
    for kind in reversed(all_kinds()):
        kind.diagnose(lambda text: print(text, flush=True))
    print("type next:\n  tengen train pong")
    return 0
