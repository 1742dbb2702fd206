# `make demo` and `make test` are all one needs: each sets the machine up first.
.DEFAULT_GOAL := help
PY := .venv/bin/python
PYTEST := $(PY) -m pytest

.PHONY: help setup demo test lint format bench torture screens lock i18n i18n-compile clean

help:            ## this list
	@grep -hE '^[a-z0-9-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):[^#]*## */  make \1|/' | column -t -s'|'

setup:           ## .venv with every extra, from the lock file; Pango where missing
	@.ci/setup

demo: setup      ## a sample mall with tills that play; prints address and password
	@$(PY) app.py demo

test: setup lint ## all checks and all tests, on SQLite and PostgreSQL
	$(PYTEST) -n logical --dist worksteal -m "not timing"

lint: setup      ## ruff and mypy
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: setup    ## put the source in order
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: setup     ## the speed goals, against the floors
	$(PY) -m bench

torture: setup   ## the slow tests with many more examples; hours
	$(PYTEST) -m timing
	HYPOTHESIS_PROFILE=torture $(PYTEST) -n logical -m slow

screens: setup   ## every page in both languages into docs/screens
	$(PY) -m tests.browser.screens

lock: setup      ## new versions within the bounds of pyproject.toml
	.venv/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	    --upgrade --custom-compile-command "make lock" --quiet -o requirements.lock

i18n: setup      ## collect new texts into every room's zh catalogue
	$(PY) -m tests.support.i18n extract

i18n-compile: setup ## compile the catalogues
	$(PY) -m tests.support.i18n compile

clean:           ## remove what set-up and the tools made
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis htmlcov .coverage*
