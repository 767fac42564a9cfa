# Everything is set up on the first call: a virtual environment in .venv, a pinned uv in it, then the locked packages.
# Another Python: make tour PYTHON=python3.13

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# --no-build: only wheels, so that no build dependency is fetched outside the locks. --compile-bytecode: as pip does, since
# every start would compile anew what may not be written then.
INSTALL := $(UV) pip install --quiet --python $(BIN)/python --require-hashes --no-build --compile-bytecode
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate $(UPGRADE)
SLOW_LOG := benchmarks/results/slow.log

.PHONY: help tour test slow lint bench lock clean
.DELETE_ON_ERROR:

help:
	@echo "make tour    show every claim with its number and figure: tour/report.html"
	@echo "make test    the test suite            make slow   the long tests, log in $(SLOW_LOG)"
	@echo "make lint    ruff and mypy --strict    make bench  benchmarks"
	@echo "make lock    renew requirements/ (UPGRADE=--upgrade for newer versions)"
	@echo "make clean   remove what make has built"

tour: $(VENV)/.runtime
	$(BIN)/pumpleak tour --out tour

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2

# bash, for pipefail: the log must not hide a failure. No header: it would write this machine's folders into the log.
slow: SHELL := bash
slow: $(VENV)/.test
	@mkdir -p $(dir $(SLOW_LOG))
	@set -o pipefail; { date -u '+%Y-%m-%d %H:%M UTC'; git describe --always --dirty; uname -srm; \
		$(BIN)/python -VV; $(BIN)/python -m pytest -n 2 -m slow --timeout=3600 --no-header; } 2>&1 | tee $(SLOW_LOG)

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/mypy --strict src/pumpleak

# BENCH=--quick, BENCH="--only one-cell"; peers that cannot be had here are left out, and the table says so
bench: $(VENV)/.test
	@$(MAKE) --no-print-directory $(VENV)/.peers || echo "pumpleak: the peers could not be installed; the bench goes on without"
	$(BIN)/python benchmarks/run.py $(BENCH)

lock: $(VENV)/.uv
	$(LOCK) --group pyproject.toml:bootstrap --output-file requirements/bootstrap.txt
	$(LOCK) pyproject.toml --group build --output-file requirements/runtime.txt
	$(LOCK) pyproject.toml --group build --group test --constraints requirements/runtime.txt \
		--output-file requirements/test.txt
	$(LOCK) pyproject.toml --group build --group peers --constraints requirements/runtime.txt \
		--output-file requirements/peers.txt

clean:
	rm -rf $(VENV) tour dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: a second call starts at once, a changed lock is installed again.
$(VENV)/.uv: requirements/bootstrap.txt
	@$(PYTHON) -c 'pass' || { echo "pumpleak: no '$(PYTHON)' here; install Python 3.11 or newer, \
	or name one: make PYTHON=python3.13 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "pumpleak: needs Python 3.11 or newer, \
	but '$(PYTHON)' is $$($(PYTHON) -V); name another: make PYTHON=python3.13 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "pumpleak: '$(PYTHON)' has no venv or no ensurepip, \
	so it cannot make $(VENV); on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
		-r requirements/bootstrap.txt
	@touch $@

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml $(VENV)/.uv
	$(INSTALL) -r requirements/runtime.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# On top of runtime, and test.txt pins all of runtime.txt alike: it only adds.
$(VENV)/.test: requirements/test.txt $(VENV)/.runtime
	$(INSTALL) -r requirements/test.txt
	@touch $@

$(VENV)/.peers: requirements/peers.txt $(VENV)/.runtime
	$(INSTALL) -r requirements/peers.txt
	@touch $@
