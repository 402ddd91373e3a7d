# Everything a person or CI does here. It wants Python 3.11 or later and make, and installs into .venv only.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$python && break; done)
BIN := .venv/bin
# A .venv that was moved or copied here would run programs somewhere else: it is made anew.
MOVED := $(shell [ "$$(cat .venv/made-in 2>/dev/null)" = "$(CURDIR)" ] || rm -f .venv/ready .venv/compiled .venv/ready-to-test .venv/ready-for-browser .venv/ready-to-bench)

.DEFAULT_GOAL := help
.PHONY: help setup run test nightly bench screenshots lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

setup: .venv/compiled .venv/ready-to-test ## put everything into .venv; quick when nothing changed

# What is compiled on first use need not be compiled now, and the tests' tools are not needed to run.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps

.venv/ready: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Pairway needs Python 3.11 or later, and there is none on the PATH: install one, or name it with make PYTHON=..."; exit 2; }
	@echo "Setting up .venv (some seconds, once)"
	@{ [ "$$(cat .venv/made-in 2>/dev/null)" = "$(CURDIR)" ] && $(BIN)/python -m pip --version >/dev/null 2>&1; } || $(PYTHON) -m venv --clear .venv
	@echo "$(CURDIR)" > .venv/made-in
	@$(PIP_INSTALL) --only-binary :all: --require-hashes -r requirements.txt
	@$(PIP_INSTALL) --no-build-isolation --no-index --editable .
	@touch .venv/ready

# Where Python is told to write no bytecode (PYTHONDONTWRITEBYTECODE, as many containers say), each start would compile
# everything anew: one to two seconds, for every process of a command.
.venv/compiled: .venv/ready $(shell find pairway domain eventstore projections workers api -name '*.py')
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -c 'import pairway.cli, api.app, pairway.service, pairway.serving; pairway.cli.parser()'
	@touch .venv/compiled

.venv/ready-to-test: .venv/ready requirements-dev.txt
	@echo "Adding the tools for tests"
	@$(PIP_INSTALL) --only-binary :all: --require-hashes -r requirements-dev.txt
	@touch .venv/ready-to-test

# Finds a browser for the tests of the pages, or gets one; where none is to be had it says so and goes on.
.venv/ready-for-browser: .venv/ready-to-test
	@$(BIN)/python tests/browser/chromium.py .venv/ready-for-browser

run: .venv/compiled ## the whole service with a demo year; Ctrl-C stops it
	@$(BIN)/pairway up --demo

test: setup .venv/ready-for-browser ## all checks and all tests
	@failed=0; \
	$(BIN)/ruff check . || failed=1; \
	$(BIN)/mypy || failed=1; \
	$(BIN)/lint-imports || failed=1; \
	$(BIN)/python -m pytest $(ARGS) || failed=1; \
	exit $$failed

nightly: setup ## the tests that leave things to chance, with many more rounds; an hour or more
	@HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -m "nightly or hypothesis" $(ARGS)

bench: setup .venv/ready-to-bench ## the benchmarks, as tables
	@$(BIN)/python -m benchmarks.beside
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.pages

screenshots: setup ## the pictures of the README, taken anew
	@$(BIN)/python -m benchmarks.screenshots

.venv/ready-to-bench: .venv/ready-to-test requirements-bench.txt
	@echo "Adding what the benchmarks are held beside"
	@$(PIP_INSTALL) --only-binary :all: --require-hashes -r requirements-bench.txt
	@touch .venv/ready-to-bench

lock: setup ## remake the lock files from pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.7'
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-config \
		--custom-compile-command "make lock" --upgrade --group build pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-config \
		--custom-compile-command "make lock" --upgrade -c requirements.txt --group dev pyproject.toml -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-config \
		--custom-compile-command "make lock" --upgrade -c requirements.txt --group pyproject.toml:bench -o requirements-bench.txt

clean: ## take away .venv and what the tools left behind
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov dist build
