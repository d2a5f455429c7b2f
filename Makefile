# Each target makes .venv first when it is missing or outdated; nothing else has to be installed by hand.
# Another interpreter: make clean, then make PYTHON=python3.12 run
PYTHON ?= python3
BIN := .venv/bin
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
endif
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
IS_NEW := import sys; sys.exit(None if sys.version_info >= (3, 11) else \
	"Python 3.11 or newer is needed. Name one like this: make PYTHON=python3.12 run")

.PHONY: run test test-slow lint bench screenshots dist clean

run: .venv/ready
	$(BIN)/python app.py

test: .venv/ready-test
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

test-slow: .venv/ready-test
	$(BIN)/python -m pytest -m slow --timeout 1800

lint: .venv/ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/ready
	$(BIN)/python benchmarks/run.py

screenshots: .venv/ready
	$(BIN)/python docs/make_screenshots.py

dist: .venv/ready
	$(PIP_INSTALL) build
	$(BIN)/python -m build

.venv/ready: pyproject.toml constraints.txt
	@if ! { $(BIN)/python -c '$(IS_NEW)' && $(BIN)/python -m pip --version; } >/dev/null 2>&1; then \
		$(PYTHON) -c '$(IS_NEW)' && echo 'Making .venv' && $(PYTHON) -m venv --clear .venv; \
	fi
	$(PIP_INSTALL) --editable .
	@touch $@

.venv/ready-test: .venv/ready
	$(PIP_INSTALL) --editable '.[test]'
	@touch $@

clean:
	rm -rf .venv build dist
