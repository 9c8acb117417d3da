# Everything one does here, by one name each; `make` alone lists them.
# Needs only make and Python 3.11 or newer: the rest goes into .venv.

# The first that runs (a pyenv shim may exist and fail), is new enough, and can make a venv.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
    if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
        >/dev/null 2>&1; then echo $$python; break; fi; done)

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest -n auto

# Handed to pytest: make test ARGS="-k pairing -x"
ARGS ?=
# How long to fuzz: make fuzz SECONDS=600
SECONDS ?= 60

.DEFAULT_GOAL := help
.NOTPARALLEL: # one .venv, one pip at a time

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

# ---------------------------------------------------------------- use

.PHONY: demo
demo: $(VENV)/installed ## decode a small recording, then one exchange byte by byte
	$(BIN)/volttools decode captures/demo.pcap
	$(BIN)/volttools decode -vv --hex --exchange 16 captures/demo.pcap

# ---------------------------------------------------------------- test

.PHONY: test
test: $(VENV)/installed-test ## the quick tests, which need Python only
	$(PYTEST) -m "not (interop or shared or slow or tshark)" $(ARGS)

.PHONY: test-all
test-all: $(VENV)/installed-all ## every test; a missing tool or recording is a failure
	VOLTTOOLS_REQUIRE_ALL=1 $(PYTEST) $(ARGS)

.PHONY: contract
contract: $(VENV)/installed-test ## play the checks of what a server does: SERVER=host:port, or the mock
	$(BIN)/python -m pytest tests/contract $(if $(SERVER),--volt-server=$(SERVER)) $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/installed-test ## feed mutated input to the decoder for SECONDS=60
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

# ---------------------------------------------------------------- measure

.PHONY: bench
bench: $(VENV)/installed-bench ## measure beside the peers, within 3 minutes: ARGS="scan --json FILE"
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: bench-full
bench-full: $(VENV)/installed-bench ## the same with captures of 1 GB, and more repeats
	$(BIN)/python -m benchmarks --full $(ARGS)

.PHONY: bench-compare
bench-compare: $(VENV)/installed-bench ## two results side by side: A=before.json B=after.json
	$(BIN)/python -m benchmarks.compare $(A) $(B)

# Missed floors and losses are told, and are no failure: machines differ.
.PHONY: bench-guard
bench-guard: $(VENV)/installed-bench ## measure, and warn of what became slower since the accepted results
	@mkdir -p build && rm -f build/bench.json
	-$(BIN)/python -m benchmarks --json build/bench.json $(ARGS)
	$(BIN)/python -m benchmarks.compare --warn benchmarks/accepted.json build/bench.json

.PHONY: bench-accept
bench-accept: $(VENV)/installed-bench ## measure, and let the results be the table of docs/performance.md, and what later ones are held against
	-$(BIN)/python -m benchmarks --repeats 9 --json benchmarks/accepted.json
	$(BIN)/python -m docs.generate

.PHONY: bench-growth
bench-growth: $(VENV)/installed-bench ## measure how the cost grows, and draw it: ARGS="captures --most 4000"
	-$(BIN)/python -m benchmarks.growth --json docs/growth.json $(ARGS)
	$(BIN)/python -m docs.generate

# ---------------------------------------------------------------- write

.PHONY: docs
docs: $(VENV)/installed-test ## redo what documents derive from the program: outputs, references, codes
	$(BIN)/python -m docs.generate

# ---------------------------------------------------------------- check

.PHONY: check
check: lint types imports test ## everything a commit must pass

.PHONY: lint
lint: $(VENV)/installed-dev ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(VENV)/installed-dev ## mypy: strict in the package
	$(BIN)/mypy

.PHONY: imports
imports: $(VENV)/installed-dev ## import-linter: imports go one way
	$(BIN)/lint-imports

.PHONY: format
format: $(VENV)/installed-dev ## let ruff format, and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# ---------------------------------------------------------------- .venv

# Stamps are redone when pyproject.toml changes. A larger install covers the smaller.
$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/installed-test: pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --editable '.[test]'
	@touch $(VENV)/installed $@

# Kerberos is built against the system's: that takes a compiler and libkrb5-dev.
$(VENV)/installed-all: pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --editable '.[test,kerberos,locust]'
	@touch $(VENV)/installed $(VENV)/installed-test $@

$(VENV)/installed-bench: pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --editable '.[test,bench]'
	@touch $(VENV)/installed $(VENV)/installed-test $@

$(VENV)/installed-dev: pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --editable '.[dev]'
	@touch $(VENV)/installed $(VENV)/installed-test $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { \
	    echo "no Python 3.11 or newer with venv found" \
	        "(Debian: apt-get install python3-venv), or name one: make PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)

.PHONY: clean
clean: ## remove .venv, caches and builds
	rm -rf $(VENV) build dist *.egg-info .hypothesis .import_linter_cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
