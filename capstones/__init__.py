"""Projects of one's own: templates, notebooks, the check, and what a learner may lean on on the way.

    from capstones import beside, data_folder, gradcheck, match, quick, training

Names are imported when they are used: `import capstones` loads no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tengen.lookup import find

if TYPE_CHECKING:
    from capstones.beside import beside as beside
    from capstones.gradcheck import gradcheck as gradcheck
    from capstones.matches import match as match
    from capstones.surroundings import data_folder as data_folder
    from capstones.surroundings import quick as quick
    from capstones.training import training as training

_OFFERED = {
    "beside": "capstones.beside:beside",
    "data_folder": "capstones.surroundings:data_folder",
    "gradcheck": "capstones.gradcheck:gradcheck",
    "match": "capstones.matches:match",
    "quick": "capstones.surroundings:quick",
    "training": "capstones.training:training",
}
__all__ = ["beside", "data_folder", "gradcheck", "match", "quick", "training"]


def __getattr__(name: str) -> Any:
    if name in _OFFERED:
        found = globals()[name] = find(_OFFERED[name])
        return found
    raise AttributeError(f"module 'capstones' has no attribute '{name}'")
