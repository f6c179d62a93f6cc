#!/usr/bin/env bash
# Install Tengen with Ray from this folder's source. The one RUN step of deploy/Containerfile; needs Python 3.11 or
# later with venv, and a package index.
#
#   deploy/install.sh VENV [LINKS]    VENV: the virtual environment to make; LINKS: where `tengen` and `ray` are linked
#
#   PYTHON        the interpreter (python3)
#   TORCH_INDEX   an index with another build of PyTorch, for example https://download.pytorch.org/whl/cpu
set -euo pipefail

venv=${1:?"say where: deploy/install.sh VENV [LINKS]"}
links=${2:-}
source=$(cd "$(dirname "$0")/.." && pwd)
pip=("$venv/bin/pip" --disable-pip-version-check --no-cache-dir install --quiet --constraint "$source/constraints.txt")

"${PYTHON:-python3}" -m venv "$venv"
# First, and pinned: whatever else needs PyTorch takes what is there.
"${pip[@]}" ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch==2.13.0
"${pip[@]}" "$source[ray]"

# Whether it works: the command, the networks that come with it, and Ray.
cd /
"$venv/bin/tengen" --version
"$venv/bin/tengen" zoo >/dev/null
"$venv/bin/ray" --version
if [ -n "$links" ]; then
    mkdir -p "$links"
    for name in tengen ray; do ln -sf "$venv/bin/$name" "$links/$name"; done
fi
