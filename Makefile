# EcomGAN Studio. `make run` is all that a user needs; `make help` lists the rest.

# The first Python of at least 3.11. Say which one to take instead: make run PYTHON=/opt/python3.12/bin/python3
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
# Many tests wait for a worker or a browser, so two processes take little more than half the time of one. A file stays
# in one process: its tests share what was costly to set up. One thread of torch each, or four would fight for two cores.
# Files go out in the order of tests/conftest.py, the longest first; else the one with the fewest tests would be last.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: help run test test-postgresql check bench shots clean

help:
	@echo "make run     install what is missing, start the studio, print a sign-in link"
	@echo "make test    run all tests"
	@echo "make test-postgresql   run the tests that touch a database on PostgreSQL, which the run starts itself"
	@echo "make check   style, types, import arrows, migrations: what CI checks before the tests"
	@echo "make bench   measure the speeds that the README names"
	@echo "make shots   write a screenshot of every page to shots/"
	@echo "make clean   remove the virtual environment and caches; images and database in var/ stay"

run: .venv/.done-runtime
	@exec $(BIN)/python -m studio up

test: .venv/.done-dev
	$(PYTEST) tests $(ARGS)

# Left out: tests/ecomgan and those of the tree itself, which know no database, and the working day in the browser, which
# `make test` walks through on SQLite (each of its steps is tested on PostgreSQL here).
test-postgresql: .venv/.done-dev
	ECOMGAN_TEST_DATABASE=postgresql $(PYTEST) tests/api tests/db tests/e2e tests/studio tests/ui \
		--ignore tests/e2e/test_working_day.py $(ARGS)

check: .venv/.done-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m db.migrate

bench: .venv/.done-dev
	$(BIN)/python -m tests.bench $(ARGS)

shots: .venv/.done-dev
	$(BIN)/python -m tests.e2e.shots $(ARGS)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "EcomGAN Studio needs Python 3.11 or newer, and none was found. Install one (Debian," \
		"Ubuntu: apt install python3 python3-venv), or say where it is: make run PYTHON=/path/to/python3"; exit 1; }
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment. On Debian and" \
		"Ubuntu: apt install python3-venv"; exit 1; }

.venv/.done-runtime: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.done-dev: requirements-dev.txt .venv/.done-runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
