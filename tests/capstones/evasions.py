"""Ways around the rules, each as a notebook cell that tries it, and honest cells that must not be flagged."""

from __future__ import annotations

from typing import NamedTuple


class Evasion(NamedTuple):
    cell: str
    read: bool = True  # whether reading the source detects it
    run: bool = True  # whether running it is refused, or detected afterwards


EVASIONS = {
    "plain": Evasion("import agents.ppo.train"),
    "alias": Evasion("import agents.ppo.train as numpy_tools\nnumpy_tools"),
    "from the room above": Evasion("from agents import ppo"),
    "star": Evasion("from agents.common.returns import *"),
    "dynamic import": Evasion("__import__('age' + 'nts.ppo.train')"),
    "hidden __import__": Evasion(
        "f = __builtins__['__import__'] if isinstance(__builtins__, dict) else 0\nf('agents.ppo')"
    ),
    "importlib": Evasion("import importlib\nimportlib.import_module('agents' + '.ppo.train')"),
    "importlib by a friend": Evasion(
        "from tengen.papers import importlib\nimportlib.import_module('agents.dqn.train')"
    ),
    "Tengen's own finder": Evasion("from tengen.lookup import find\nfind('agents.ppo.train:Learner')"),
    "a catalogue in between": Evasion("import tengen.kinds as k\nk.kind_named('agent')"),
    "sys.modules": Evasion("import selfplay.match, sys\nthing = sys.modules['selfplay.openings']"),
    "getattr": Evasion("import selfplay.match, selfplay\ngetattr(selfplay, 'alpha' + 'zero')", run=False),
    "attribute of a package": Evasion(
        "import envs, supervised.data.sets\nimport supervised\nnets = supervised.nets", run=False
    ),
    "subprocess": Evasion("import subprocess\nsubprocess.run(['true'])"),
    "os.system": Evasion("import os\nos.system('true')"),
    "os.system renamed": Evasion("from os import system as print_all\nprint_all('true')"),
    "os.popen in a list": Evasion("import os\n[os][0].popen('true')", read=False),
    "os.execvp": Evasion("import os\nos.execvp('true', ['true'])"),
    "posix": Evasion("import posix\nposix.system('true')"),
    "multiprocessing": Evasion("import multiprocessing as m\nm.Process(target=print).start()"),
    "a pool's process": Evasion(
        "import subprocess, threading\n"
        "t = threading.Thread(target=subprocess.call, args=(['true'],))\nt.start()\nt.join()"
    ),
    "ctypes": Evasion("import ctypes\nctypes.CDLL(None)"),
    "exec": Evasion("exec('import agents.ppo.train')"),
    "eval": Evasion("eval('__import__(\"agents.ppo.train\")')"),
    "compile": Evasion("import types\ntypes.FunctionType(compile('1', 'x', 'exec'), {})()"),
    "exec by map": Evasion("list(map(exec, ['import agents']))"),
    "runpy": Evasion("import runpy\nrunpy.run_module('agents.ppo.train')"),
    "pickle": Evasion("import pickle\npickle.loads(b'cposix\\nsystem\\n(S\"true\"\\ntR.')", read=False),
    "path": Evasion("import sys\nsys.path.insert(0, '/tmp')", run=False),
    "gymnasium's import": Evasion("import gymnasium\ngymnasium.make('agents.ppo.train:Any-v0')", read=False),
    "own frames": Evasion("def f(): ...\nf.__globals__['__builtins__']", run=False),
    "a refused library": Evasion("import fastai.vision.all as fa"),
    "a training library": Evasion("from stable_baselines3 import PPO"),
    "finished networks": Evasion("import torchvision.models"),
    "hub": Evasion("import torch\ntorch.hub.load('pytorch/vision', 'resnet18')", run=False),
    "sklearn untagged": Evasion("from sklearn.svm import SVC", run=False),
    "anything unknown": Evasion("import flask", run=False),
    "shell": Evasion("!true", run=False),
    "magic": Evasion("%run other.py", run=False),
    "writes outside": Evasion("open('/tmp/tengen-outside.txt', 'w')", read=False),
    "writes by numpy": Evasion("import numpy\nnumpy.save('/tmp/tengen-outside.npy', [1])", read=False),
    "writes upwards": Evasion("from pathlib import Path\nPath('../outside.txt').write_text('x')", read=False),
    "removes outside": Evasion(
        "import shutil\nshutil.rmtree('/tmp/tengen-no-such-folder', ignore_errors=True)", read=False
    ),
    "reaches for the judge": Evasion("import capstones.check.audit as a\na.Refused"),
    "as a training": Evasion(
        "from capstones import training\ntraining('agents.ppo.train:Learner', steps=1)", run=False
    ),
    "private": Evasion("from envs.evaluate import _play", run=False),
}

FROM_SCRATCH = {
    "named": Evasion("from torch import nn\nnn.LSTM(2, 2)"),
    "aliased": Evasion("from torch.nn import LSTM as Linear\nLinear(2, 2)"),
    "twice removed": Evasion("import torch as t\nn = t.nn\nL = n.GRU\nL(2, 2)"),
    "by getattr": Evasion("import torch.nn as nn\ngetattr(nn, 'LSTM')(2, 2)"),
    "by a computed getattr": Evasion("import torch.nn as nn\ngetattr(nn, 'LS' + 'TM')(2, 2)"),
    "by vars": Evasion("import torch.nn as nn\nvars(nn)['LSTM'](2, 2)"),
    "by __dict__": Evasion("import torch.nn as nn\nnn.__dict__['TransformerEncoderLayer'](4, 2)"),
    "attention": Evasion("import torch\ntorch.nn.MultiheadAttention(4, 2)"),
    "inherited": Evasion("import torch\nclass Mine(torch.nn.LSTM): ...\nMine(2, 2)"),
    "the function beneath": Evasion("import torch\ntorch.lstm", run=False),
    "the function below that": Evasion("import torch\ntorch._VF.gru", run=False),
    "a network traced elsewhere": Evasion("import torch\ntorch.jit.load", run=False),
}

HONEST = {
    "torch": "import torch\nfrom torch import nn\nnn.Sequential(nn.Linear(2, 2), nn.ReLU())(torch.zeros(1, 2))",
    "loader": "import torch\nlist(torch.utils.data.DataLoader(torch.arange(4), batch_size=2))",
    "figure": (
        "import matplotlib.pyplot as plt\n"
        "plt.plot([1, 2])\n"
        "plt.xlabel('x')\n"
        "plt.ylabel('y')\n"
        "plt.savefig('figures/a.png')\n"
    ),
    "array": "import numpy as np\nnp.save('figures/a.npy', np.zeros(2))\nnp.load('figures/a.npy')",
    "world": "import gymnasium\ngymnasium.make('CartPole-v1').reset(seed=0)",
    "match": "from selfplay.match import play_match\nfrom selfplay.players import catalogue",
    "data": "from supervised.data.sets import digits",
    "helpers": "from capstones import quick, ready\nquick(), ready()",
    "names": (
        "agents = []\n"
        "agents.append(1)\n"
        "class Config: ...\n"
        "Config().__dict__\n"
        "name = 'x'\n"
        "getattr(Config(), name, None)\n"
    ),
    "dataclass": (
        "from dataclasses import dataclass\n"
        "from collections import namedtuple\n"
        "@dataclass\n"
        "class A:\n"
        "    x: int = 1\n"
        "namedtuple('B', 'x y')\n"
    ),
    "temporary": "import tempfile\nwith tempfile.TemporaryFile() as f:\n    f.write(b'x')",
    "files": (
        "import json, os\n"
        "from pathlib import Path\n"
        "Path('runs/x').mkdir(exist_ok=True)\n"
        "Path('runs/x/a.json').write_text(json.dumps([os.getcwd()]))\n"
    ),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as pool:\n"
        "    list(pool.map(abs, [-1]))\n"
    ),
    "platform": "import platform\nplatform.processor()",
    "compiled": "import re\nre.compile('a+')",
}
