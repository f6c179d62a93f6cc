"""Draw a curve beside the one of a healthy program. There is no bug in this file."""

import json
from pathlib import Path


def show(folder, x, y):
    """Print and draw `y` over `x` beside the numbers in healthy.json; write curve.png into `folder`."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder = Path(folder)
    healthy = json.loads((folder / "healthy.json").read_text())
    names, table = [healthy["x_label"], *healthy["curves"]], healthy["curves"]
    print("".join(f"{name:>26}{'healthy':>10}" if i else f"{name:>18}" for i, name in enumerate(names)))
    for row, at in enumerate(x):
        pairs = (f"{y[name][row]:>26.3f}{table[name][row]:>10.3f}" for name in table)
        print(f"{at:>18}" + "".join(pairs))

    figure, panels = pyplot.subplots(1, len(table), figsize=(5 * len(table), 3.4), squeeze=False, layout="constrained")
    for panel, (name, numbers) in zip(panels[0], table.items(), strict=True):
        panel.plot(healthy["x"], numbers, color="#2e8b57", linestyle="--", label="healthy")
        panel.plot(x, y[name], color="#d1495b", label="this program")
        panel.set(xlabel=healthy["x_label"], ylabel=name, xscale=healthy.get("x_scale", "linear"))
        if healthy.get("x_scale") == "log":
            panel.set_xticks(healthy["x"], healthy["x"])
            panel.minorticks_off()
        panel.grid(alpha=0.25)
        panel.legend(frameon=False)
    figure.savefig(folder / "curve.png", dpi=110)
    print(f"drew {folder / 'curve.png'}")
