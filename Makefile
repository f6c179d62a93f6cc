# Thin targets: each is one line that a person could type.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup lint check test coverage docs notebooks pong play board watch bench peers proofs hunt deploy-test ablations chaos kills gpu curves clean
help:  ## what can be made
	@awk -F ':.*##  *' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: .venv/ready  ## everything into .venv

.venv/ready: pyproject.toml setup.py constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tengen needs Python 3.11 or later; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	@echo "installing PyTorch and the rest into .venv: some minutes, depending on the network ..."
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

lint: setup  ## format, lint, types and import contracts
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

check: lint  ## lint and the fast tests
	$(BIN)/pytest -q -n 2 --dist worksteal -m 'not slow'

test: setup  ## all tests that need no GPU; ten minutes on two quiet cores
	$(BIN)/pytest -q -n 2 --dist worksteal

coverage: setup  ## all tests but one of speed, and the lines that none of them ran (also htmlcov/index.html); kernels of numba aside
	$(BIN)/pytest -q -n 2 --dist worksteal -k 'not help_is_quick' --cov --cov-report term-missing --cov-report html

docs: setup  ## fill the tables of the documents from the catalogues
	$(BIN)/python docs/tables.py

# Every notebook executed in a fresh kernel, two at a time, without a change to its folder; QUICK=1: within minutes.
notebooks: setup  ## execute the notebooks of examples/ and docs/notebooks, and say what took how long; QUICK=1: the quick form
	$(BIN)/tengen notebook --rehearse --jobs 2 $(if $(filter-out 0,$(QUICK)),--quick) $(sort $(wildcard examples/*/notebook.py docs/notebooks/*.py))

pong: setup  ## train Pong
	$(BIN)/tengen train pong

board: setup  ## play Go against the trained network that comes with Tengen, in the browser
	$(BIN)/tengen play --board go9

play: board  ## the same

watch: setup  ## watch the trained network that comes with Tengen play Pong: a film
	$(BIN)/tengen watch pong

bench: setup  ## speed, beside other frameworks where `make peers` has set them up
	$(BIN)/tengen bench atari
	$(BIN)/tengen bench classical
	$(BIN)/tengen bench go
	$(BIN)/tengen bench gtp
	$(BIN)/tengen bench nets
	$(BIN)/tengen bench ray
	$(BIN)/tengen bench search
	$(BIN)/tengen bench sequence

# The peers that benchmarks measure against, each in a venv of its own: Stable-Baselines3 (`tengen bench atari`),
# Pgx + mctx and OpenSpiel's Python AlphaZero (`tengen bench search`).
peers: .venv-sb3/ready .venv-mctx/ready  ## the frameworks that benchmarks measure against
.venv-mctx/ready:
	$(PYTHON) -m venv .venv-mctx
	.venv-mctx/bin/pip install --quiet --disable-pip-version-check 'jax==0.10.2' 'mctx==0.0.71' 'pgx==2.6.0'
	.venv-mctx/bin/pip install --quiet --disable-pip-version-check 'open-spiel==2.0.2' 'flax==0.12.8' 'optax==0.2.8' 'orbax-checkpoint==0.12.8'
	@touch $@
.venv-sb3/ready: constraints.txt
	$(PYTHON) -m venv .venv-sb3
	.venv-sb3/bin/pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	.venv-sb3/bin/pip install --quiet --disable-pip-version-check -c constraints.txt 'stable-baselines3==2.9.*' ale-py opencv-python-headless
	@touch $@

deploy-test: setup  ## the container's one step in an empty environment; minutes, and a package index
	TENGEN_DEPLOY=1 $(BIN)/pytest -q --timeout 1500 tests/deploy

# The long proofs: whole record sets of games, hundreds of games beside GNU Go and OpenSpiel, many processes on Ray.
proofs: setup  ## the long proofs of the board games, and of what starts many processes
	TENGEN_LONG=1 $(BIN)/pytest -q --timeout 3600 tests/envs/go tests/selfplay tests/agents tests/supervised tests/tengen tests/scripts tests/faults tests/capstones

# Commands, damaged folders, archives, records and GTP, made from a seed: no traceback, no signal, no hang (docs/trust.md).
HUNT_SECONDS ?= 300
SEED ?= 1
hunt: setup  ## feed everything with what a stranger could send
	$(BIN)/python -m tests.hunt --seconds $(HUNT_SECONDS) --seed $(SEED)

# What each part of AlphaZero's training is worth, at equal time (docs/results/selfplay.md): 10 trainings of MINUTES a seed.
MINUTES ?= 8
SEEDS ?= 1,2
ablations: setup  ## what each part of AlphaZero is worth, at equal time
	$(BIN)/python -m scripts.bench.ablations --minutes $(MINUTES) --seeds $(SEEDS)

# Workers: 30 short trainings with something breaking in each, then two hosts and a cable that is pulled out (root, iproute2).
chaos: setup  ## kill workers, nodes and learners at random moments
	$(BIN)/python -m tests.faults.chaos --rounds 30 --out docs/results/workers/faults.json
	$(BIN)/python -m tests.faults.hosts

# Every kind of training there is, killed (-9) at random moments and resumed (docs/trust.md).
KILLS ?= 100
kills: setup  ## kill every kind of training at random moments: each must end bit for bit the same
	$(BIN)/python -m tests.faults.kills --kills $(KILLS) --seed $(SEED)

# The other tests compute on the CPU. `make setup` installs PyTorch's CPU build: first install one with CUDA into .venv.
gpu: setup  ## every kind of training on a GPU
	TENGEN_GPU=1 $(BIN)/pytest -q --timeout 600 tests/gpu

curves: setup  ## what workers learn beside what one process learns, three seeds
	$(BIN)/python -m scripts.bench.same_curves

clean:  ## remove what was made
	rm -rf .venv .venv-sb3 .venv-mctx build *.egg-info htmlcov .coverage .coverage.*
