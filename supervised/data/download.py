"""Public data sets, downloaded once with pooch and checked against their published sums."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tengen.errors import UserError


class Remote(NamedTuple):
    base: str
    files: dict[str, str]  # name -> MD5, or "sha256:" and that sum


SETS = {
    "mnist": Remote(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        {
            "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
            "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
            "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
        },
    ),
    "fashion-mnist": Remote(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        {
            "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
            "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
            "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
        },
    ),
    "binary-mnist": Remote(  # sums: tensorflow/datasets, url_checksums/binarized_mnist.txt
        "http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/",
        {
            "binarized_mnist_train.amat": "sha256:ad693b29f94c14277b095f5238ddefbbdaaae0939789dd2f4f0205278cee3e4d",
            "binarized_mnist_valid.amat": "sha256:1de3d397c40fe8eeb33dafd4099a1f665ec01e96d9be234aaeeac8a34930e2e2",
            "binarized_mnist_test.amat": "sha256:e6687bfea3f820c174f33b7865140b2a2dd2930ef786f35d45795fc193b5ab2c",
        },
    ),
    "cifar10": Remote(
        "https://www.cs.toronto.edu/~kriz/", {"cifar-10-binary.tar.gz": "c32a1d4ab5d03f1284b67883e8d87530"}
    ),
    "multi30k": Remote(  # task 1, raw; the test set of 2016
        "https://raw.githubusercontent.com/multi30k/dataset/a3d2e0d26b56f3846f66a952536ffed4e401d05a/data/task1/raw/",
        {
            "train.de.gz": "81ff90b99829c0cd4b1b587d394afd39",
            "train.en.gz": "0065d13af80720a55ca8153d126e6627",
            "val.de.gz": "6e0e229eb049e3fc99a1ef02fb2d5f91",
            "val.en.gz": "2b69aa9253948ac9f67e94917272dd40",
            "test_2016_flickr.de.gz": "efd67d314d98489b716b145475101932",
            "test_2016_flickr.en.gz": "ff2c0fcb4893a13bd73414306bc250ae",
        },
    ),
    "rt-polarity": Remote(
        "https://raw.githubusercontent.com/dennybritz/cnn-text-classification-tf/"
        "18762b459e21d9c70e5c242f8d43fc4e6db37a0d/data/rt-polaritydata/",
        {
            "rt-polarity.pos": "819e2ab972d5f1314804c62921cf21a8",
            "rt-polarity.neg": "efd38e162b1a4ede8fbf024de182eb4a",
        },
    ),
    "tinyshakespeare": Remote(
        "https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/",
        {"input.txt": "6fb458f1232090904fb40fe944165e91"},
    ),
}


def fetch(name: str, folder: Path, say: Callable[[str], None], download: bool = True) -> Path:
    """The path of data set `name` in `folder`, after a download where files are missing. UserError where it fails.

    Without `download` missing files are a UserError at once: for whoever has something to put in their place.
    """
    remote = SETS[name]
    missing = [file for file in remote.files if not (folder / file).exists()]
    if missing and not download:
        raise UserError(f"{name} has not been downloaded; --data DIR names a folder with {', '.join(remote.files)}")
    import pooch

    if missing:
        say(f"downloading {name} ({len(missing)} files) into {folder}")
    try:
        paths = [
            pooch.retrieve(remote.base + file, known if ":" in known else f"md5:{known}", fname=file, path=folder)
            for file, known in remote.files.items()
        ]
    except Exception as error:  # pooch, requests and urllib3 each raise their own
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise UserError(
            f"{name} cannot be downloaded ({reason}); put {', '.join(remote.files)} into {folder}, or name their"
            " folder with --data DIR"
        ) from error
    return Path(paths[0]) if len(paths) == 1 else folder
