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
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

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

.PHONY: bench
bench: $(VENV)/installed-test ## measure beside the peers
	$(BIN)/python -m benchmarks

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
