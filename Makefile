# Two commands do everything on a fresh machine with Python 3.11+, make and git:
#   make demo    the main job        make test    the tests
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := OMP_NUM_THREADS=1 PYTHONWARNINGS=default
INSTALLED := $(VENV)/.installed

.PHONY: help setup demo test check check-slow format lint types tests wheel bench proof clean

help:
	@echo "make demo        set up, then run the main job: game file -> equilibria -> trained learners -> reports"
	@echo "make test        set up, then run the tests"
	@echo "make check       everything that must hold before a commit lands"
	@echo "make check-slow  the slow training checks"
	@echo "make proof       the machine-checked proofs"
	@echo "make bench       the benchmarks"

setup: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt scripts/make-venv
	@scripts/make-venv $(PYTHON) $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(INSTALLED)
	$(BIN)/python scripts/demo.py

test: tests
	@echo "the machine-checked proofs are not part of the tests: make proof"

check: format lint types tests wheel

format: $(INSTALLED)
	$(BIN)/ruff format --check .

lint: $(INSTALLED)
	$(BIN)/ruff check .

types: $(INSTALLED)
	$(BIN)/mypy

tests: $(INSTALLED)
	$(RUN) $(BIN)/pytest -n 2 -q

check-slow: $(INSTALLED)
	$(RUN) $(BIN)/pytest -n 2 -q -m slow

# Built, installed alone into a fresh environment, and tested from another folder.
wheel: $(INSTALLED)
	scripts/check-wheel $(BIN)/python

bench: $(INSTALLED)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,peers]'
	for script in benchmarks/*.py; do $(RUN) $(BIN)/python $$script || exit 1; done

# The equivalence theorem in Coq, installed from Debian if missing.
proof:
	proofs/check.sh

clean:
	rm -rf $(VENV) .venv-wheel build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
