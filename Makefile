# Two commands do everything on a machine that has Python 3.11+ and make:
#   make demo   run Tracer on the case that ships with it
#   make test   every check and every test
# Two more measure and attack it, for as long as that takes:
#   make bench  loading against bare readers, ledgers against the truth, following against a sort
#   make soak   thousands of damaged files loaded, of random ledgers followed, of examples tried
# Windows without make: see README.md.

PYTHON ?= python3
VENV ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
OUT ?= demo

.PHONY: demo test check bench soak clean

demo: $(VENV)/installed
	$(BIN)/tracer demo --out $(OUT)

test: $(VENV)/tested check
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(VENV)/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/tested
	$(BIN)/python benchmarks/statements.py
	$(BIN)/python benchmarks/ledger.py
	$(BIN)/python benchmarks/bounds.py
	$(BIN)/python benchmarks/reach.py
	$(BIN)/python benchmarks/tracing.py

soak: export TRACER_EFFORT := 20
soak: $(VENV)/tested
	$(BIN)/python tests/soaking.py
	$(BIN)/python tests/following.py
	$(BIN)/python -m pytest -n 2 --dist loadgroup

$(VENV)/bare:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Tracer needs Python 3.11 or newer.')"
	$(PYTHON) -m venv $(VENV)
	$(PYTHON) -c "import pathlib; pathlib.Path('$(VENV)/bare').touch()"

$(VENV)/installed: $(VENV)/bare pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	$(PYTHON) -c "import pathlib; pathlib.Path('$(VENV)/installed').touch()"

$(VENV)/tested: $(VENV)/installed tests/browser.py
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	$(BIN)/python tests/browser.py
	$(PYTHON) -c "import pathlib; pathlib.Path('$(VENV)/tested').touch()"

clean:
	$(PYTHON) -c "import shutil; [shutil.rmtree(p, ignore_errors=True) for p in ('$(VENV)', '$(OUT)')]"
