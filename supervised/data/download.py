"""Public data sets, downloaded once with pooch over https and verified by SHA-256."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tengen.errors import UserError, first_line
from tengen.plural import counted


class Remote(NamedTuple):
    base: str
    files: dict[str, str]  # name -> SHA-256


SETS = {
    "mnist": Remote(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        {
            "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
    ),
    "fashion-mnist": Remote(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/b2617bb6d3ffa2e429640350f613e3291e10b141/data/fashion/",
        {
            "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
    ),
    "binary-mnist": Remote(  # sums: tensorflow/datasets, url_checksums/binarized_mnist.txt
        "https://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/",
        {
            "binarized_mnist_train.amat": "ad693b29f94c14277b095f5238ddefbbdaaae0939789dd2f4f0205278cee3e4d",
            "binarized_mnist_valid.amat": "1de3d397c40fe8eeb33dafd4099a1f665ec01e96d9be234aaeeac8a34930e2e2",
            "binarized_mnist_test.amat": "e6687bfea3f820c174f33b7865140b2a2dd2930ef786f35d45795fc193b5ab2c",
        },
    ),
    "cifar10": Remote(
        "https://www.cs.toronto.edu/~kriz/",
        {"cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
    ),
    "multi30k": Remote(  # task 1, raw; the test set of 2016
        "https://raw.githubusercontent.com/multi30k/dataset/a3d2e0d26b56f3846f66a952536ffed4e401d05a/data/task1/raw/",
        {
            "train.de.gz": "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
            "train.en.gz": "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
            "val.de.gz": "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
            "val.en.gz": "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
            "test_2016_flickr.de.gz": "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
            "test_2016_flickr.en.gz": "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
        },
    ),
    "rt-polarity": Remote(
        "https://raw.githubusercontent.com/dennybritz/cnn-text-classification-tf/"
        "18762b459e21d9c70e5c242f8d43fc4e6db37a0d/data/rt-polaritydata/",
        {
            "rt-polarity.pos": "4134882974a28d0c7b5151256f0e33a6169984ee7372c279e673f1114f475d58",
            "rt-polarity.neg": "2d11cfbc790f1cd96d78339f41ce53ced1efa83cd22d37d6788fa3fe3d17e2fd",
        },
    ),
    "tinyshakespeare": Remote(
        "https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/",
        {"input.txt": "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"},
    ),
}


def fetch(name: str, folder: Path, say: Callable[[str], None], download: bool = True) -> Path:
    """The path of data set `name` in `folder`, after downloading missing files. UserError if that fails.

    Without `download`, missing files are a UserError at once, for callers that have a substitute.
    """
    remote = SETS[name]
    missing = [file for file in remote.files if not (folder / file).exists()]
    if missing and not download:
        raise UserError(f"{name} has not been downloaded; give --data DIR, a folder with {', '.join(remote.files)}")
    import pooch

    if missing:
        say(f"downloading {name} ({counted(len(missing), 'files')}) into {folder}")
    try:
        paths = [
            pooch.retrieve(remote.base + file, f"sha256:{known}", fname=file, path=folder)
            for file, known in remote.files.items()
        ]
    except Exception as error:  # pooch, requests and urllib3 raise different exceptions
        raise UserError(
            f"{name} cannot be downloaded ({_reason(error, remote.base)}); put {', '.join(remote.files)} into"
            f" {folder}, or name their folder with --data DIR"
        ) from error
    return Path(paths[0]) if len(paths) == 1 else folder


def _reason(error: Exception, base: str) -> str:
    """Why a download from `base` failed, short and whole: requests' own messages are long and nested."""
    import requests

    host = urlsplit(base).hostname
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"{host} answers {error.response.status_code} {error.response.reason}".rstrip()
    if isinstance(error, requests.Timeout):
        return f"{host} does not answer"
    if isinstance(error, requests.ConnectionError):
        return f"no connection to {host}"
    if isinstance(error, ValueError) and "known hash" in str(error):  # pooch has no exception of its own for it
        return f"{host} sent another file: its SHA-256 is not the expected one"
    return textwrap.shorten(first_line(error), 120, placeholder=" …")
