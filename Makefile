# Everything a person types here. `make` alone lists it.
#
# VENV=.venv            where the packages go
# PYTHON=python3.11     the interpreter, when the first one found is not the one wanted
# WORKERS=2             test processes
# TESTS=tests/unit      only these tests

VENV ?= .venv
WORKERS ?= 2
TESTS ?=
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test test-pages lint format bench docs screenshots lock services

PY := $(VENV)/bin/python
CORE := $(VENV)/.installed-core
DEV := $(VENV)/.installed-dev
export VENV PYTHON

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1 \t\2/' | expand -t 21

demo: $(CORE) ## a living system on this machine: installs, starts, prints the address and the logins
	@$(VENV)/bin/oms demo

test: $(DEV) services lint ## everything that must hold: style, types, floors, and all tests but those in a browser
	@$(PY) -m pytest -n $(WORKERS) -m "not pages" $(TESTS)

test-pages: $(DEV) services ## the pages, used in a real browser the way people use them (about a quarter of an hour)
	@$(PY) -m pytest -n $(WORKERS) -m pages $(TESTS)

lint: $(DEV) ## style, types and the floors of the house, without running anything
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet . || { echo "Not formatted: run 'make format'." >&2; exit 1; }
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports

format: $(DEV) ## lay the code out and repair what can be repaired by machine
	@$(PY) -m ruff check --quiet --fix . || true
	@$(PY) -m ruff format .

bench: $(DEV) ## measure speed and memory beside this machine's own limits
	@$(PY) -m benchmarks

docs: $(DEV) ## write again the documents that are generated from the code
	@$(PY) -m tools.generate_docs

screenshots: $(DEV) ## take the pictures of docs/screenshots again, from a fresh demo
	@$(PY) -m tools.screenshots

lock: $(DEV) ## choose the newest fitting versions of all packages and lock them with hashes
	@tools/lock.sh --upgrade

services: ## install PostgreSQL, Redis and hledger for the tests (as root, where apt is)
	@tools/setup_test_services.sh

$(CORE): requirements.txt requirements-bootstrap.txt requirements-node.txt pyproject.toml tools/install.sh tools/assets.py oms/web/package-lock.json
	@tools/install.sh core

$(DEV): requirements-dev.txt requirements-bootstrap.txt requirements-node.txt pyproject.toml tools/install.sh tools/assets.py oms/web/package-lock.json
	@tools/install.sh dev
