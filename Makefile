# Each target makes .venv first when it is missing or outdated; nothing else has to be installed by hand.
PYTHON ?= python3
BIN := .venv/bin
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
endif

.PHONY: run test test-slow lint bench screenshots clean

run: .venv/ready
	$(BIN)/python app.py

test: .venv/ready-test
	$(BIN)/python -m pytest

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

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/ready-test: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

clean:
	rm -rf .venv build dist
