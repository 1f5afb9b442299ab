# One command for each thing there is to do. Everything is set up on the way, in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := build/bench
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PACKAGES := classifiers connectors dashboards flows warehouse

.PHONY: help install lake demo test thorough check fix bench screenshots lock clean

help:  ## Show what there is to do
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' | \
		awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Barograph needs Python 3.11 or newer; call make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing (once) ..."
	@$(PIP) install --require-hashes --no-deps --only-binary :all: -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@echo "installing development tools (once) ..."
	@$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

install: $(VENV)/run.stamp  ## Install Barograph into .venv; the command is .venv/bin/barograph

lake: $(VENV)/run.stamp  ## Install what a lake and many workers need (docs/operations.md)
	@$(PIP) install --require-hashes --no-deps --only-binary :all: -r requirements/lake.txt

demo: install  ## Run the whole job on an invented world
	@$(BIN)/barograph demo

# Tests start hundreds of processes: without byte code, half of their time is spent compiling, and
# with threads of their own for small matrices they wait for one another.
PYTEST := PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

test: $(VENV)/dev.stamp  ## Run all tests but those that take long
	@$(PYTEST) -m "not thorough"

thorough: $(VENV)/dev.stamp  ## Run the tests that kill, flood, erase, or live through weeks
	@$(PYTEST) -n 5 -m thorough $$(grep -rl --include='test_*.py' mark.thorough tests)

check: $(VENV)/dev.stamp  ## Check style, types, architecture and documents
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: $(VENV)/dev.stamp  ## Format, and mend what can be mended automatically
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

$(BENCH)/bench.stamp: requirements/run.txt pyproject.toml
	@test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements/run.txt
	@$(BENCH)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

bench: $(BENCH)/bench.stamp  ## Measure collecting feeds beside its peers, as users have it
	@$(BENCH)/bin/python benchmarks/feeds.py --install-peers

screenshots: $(VENV)/dev.stamp  ## Make pictures of every page in build/screenshots
	@$(BIN)/python tests/support/screenshots.py

lock:  ## Renew the lock files (needs uv)
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" -c requirements/constraints.txt -o requirements/run.txt
	uv pip compile pyproject.toml --all-extras --group build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" -c requirements/run.txt -o requirements/lake.txt
	uv pip compile pyproject.toml --all-extras --group build --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" -c requirements/lake.txt -o requirements/dev.txt

clean:  ## Remove what make made
	rm -rf $(VENV) build demo .mypy_cache .ruff_cache .pytest_cache
