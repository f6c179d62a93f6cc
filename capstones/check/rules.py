"""What a project may import: a table, used by the check that reads its source and the one that watches it run.

From Tengen it may use environments, referees and records, never solvers; besides, PyTorch and NumPy, but not what is
built on them.
"""

from __future__ import annotations

import sys
from functools import cache

ROOMS = ("tengen", "envs", "supervised", "agents", "selfplay", "capstones", "scripts")

# Of Tengen: these modules and all below them …
OPEN = (
    "tengen",
    "envs",
    "supervised.data",
    "capstones",
    "selfplay.match",
    "selfplay.match_card",
    "selfplay.players.player",
    "selfplay.players.catalogue",
    "selfplay.rating",
    "selfplay.record",
    "selfplay.played",
)
# … except these, which find a solver by its name, or judge.
_FINDERS = "it finds Tengen's own agents and networks by name"
_JUDGE = "it judges projects"
CLOSED = {
    **{f"tengen.{name}": _FINDERS for name in ("kinds", "lookup", "description", "zoo", "sweep", "tune")},
    **{f"capstones.{name}": _JUDGE for name in ("check", "kernel", "client", "notebook", "templates", "new")},
}

LIBRARIES = {"torch", "numpy", "matplotlib", "gymnasium", "ale_py", "PIL"}
IN_TESTS = {"pytest"}
COMPARED = {"sklearn"}  # only in a cell tagged `compare`

_SOLVES = "it provides the training loop, which a project should show that you can write"
_WHOLE = "its networks are ready-made"
REFUSED = {
    **dict.fromkeys(
        ("fastai", "keras", "tf_keras", "lightning", "pytorch_lightning", "ignite", "skorch", "catalyst"), _SOLVES
    ),
    **dict.fromkeys(("accelerate", "trl", "composer", "flair", "spacy", "nltk", "fairseq", "allennlp"), _SOLVES),
    **dict.fromkeys(("stable_baselines3", "sb3_contrib", "stable_baselines", "tianshou", "rllib", "ray"), _SOLVES),
    **dict.fromkeys(("cleanrl", "torchrl", "acme", "dopamine", "rl_games", "sample_factory", "pfrl", "mctx"), _SOLVES),
    **dict.fromkeys(("tensorflow", "jax", "flax", "mxnet", "paddle"), "PyTorch is the framework of these projects"),
    **dict.fromkeys(("transformers", "timm", "torchvision", "diffusers", "monai", "open_clip", "peft"), _WHOLE),
    **dict.fromkeys(("sentence_transformers", "segmentation_models_pytorch", "detectron2", "ultralytics"), _WHOLE),
    **dict.fromkeys(("xgboost", "lightgbm", "catboost"), _WHOLE),
    "torch.hub": "it downloads ready-made networks",
    "sklearn": "it is for comparison only: in a cell tagged compare",
}

_STARTS = "it starts programs, and a notebook is judged by its own cells"
_HIDES = "it runs code that the source does not show"
PROGRAMS = {
    **dict.fromkeys(
        ("subprocess", "pty", "multiprocessing", "popen2", "commands", "cffi", "ctypes", "_ctypes"), _STARTS
    ),
    **dict.fromkeys(("_posixsubprocess", "posix", "nt", "webbrowser", "_winapi", "sh", "pexpect", "invoke"), _STARTS),
    **dict.fromkeys(("importlib", "imp", "runpy", "pkgutil", "zipimport", "builtins", "code", "codeop"), _HIDES),
    **dict.fromkeys(("marshal", "dill", "cloudpickle", "_frozen_importlib", "_imp", "bdb", "site"), _HIDES),
}
HARMLESS = {"importlib.resources", "importlib.metadata"}

# What `--from-scratch` refuses besides, outside of tests and of cells tagged `compare`.
_LAYERS = ("LSTM", "GRU", "RNN", "RNNBase", "LSTMCell", "GRUCell", "RNNCell", "MultiheadAttention", "Transformer")
_TRANSFORMERS = ("TransformerEncoder", "TransformerDecoder", "TransformerEncoderLayer", "TransformerDecoderLayer")
LAYERS = (*_LAYERS, *_TRANSFORMERS)
_FUNCTIONS = ("lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell")
FINISHED = {
    *(f"torch.nn.{name}" for name in LAYERS),
    *(f"torch.nn.modules.{module}.{name}" for name in LAYERS for module in ("rnn", "transformer", "activation")),
    *(f"torch.{name}" for name in _FUNCTIONS),
    *(f"torch._VF.{name}" for name in _FUNCTIONS),
    "torch.jit.load",
    "torch.nn.functional.multi_head_attention_forward",
}

_STANDARD = frozenset(sys.stdlib_module_names)


def under(module: str, names: object) -> bool:
    """Whether `module` is one of `names` or below one of them."""
    parts = module.split(".")
    return any(".".join(parts[:n]) in names for n in range(1, len(parts) + 1))  # type: ignore[operator]


@cache
def refusal(module: str) -> str:
    """Why a project may not import this module: "" if it may, or if the table does not know it."""
    root = module.partition(".")[0]
    if root in ROOMS:
        return _of_tengen(module)
    if under(module, HARMLESS):
        return ""
    for table in (PROGRAMS, REFUSED):
        for name, why in table.items():
            if module == name or module.startswith(f"{name}."):
                return why
    return ""


def unknown(module: str, tests: bool) -> bool:
    """Whether the table allows this module nowhere: not Tengen's, not standard, not one of the few libraries."""
    root = module.partition(".")[0]
    return not (root in ROOMS or root in _STANDARD or root in LIBRARIES or (tests and root in IN_TESTS))


def leads_to_open(module: str) -> bool:
    """Whether this is a package above something that is allowed: `selfplay` above `selfplay.match`."""
    return any(name.startswith(f"{module}.") for name in OPEN)


def _of_tengen(module: str) -> str:
    for name, why in CLOSED.items():
        if module == name or module.startswith(f"{name}."):
            return why
    if under(module, OPEN):
        return ""
    if leads_to_open(module):
        allowed = ", ".join(name for name in OPEN if name.startswith(f"{module}."))
        return f"from {module} a project may use {allowed}"
    return "in a project Tengen provides environments, referees and records, never the solver: write it in parts/"
