# Two commands do everything: `make demo` shows the main job, `make test` passes the tests.
PYTHON ?= python3.11
BIN := .venv/bin
CHROMIUM := $(shell command -v chromium chromium-browser google-chrome)
# On every core, where a worker that has nothing left takes over from the others, and with the same invented examples
# each time; `pytest` by itself invents new ones.
PYTEST := $(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal --hypothesis-profile ci

.PHONY: demo test check test-datasette-1 install lint lock clean

demo: install
	$(BIN)/franchise-watch demo

test: install lint
	$(if $(CHROMIUM),,@echo "Chromium is not installed: the browser tests are left out.")
	$(PYTEST) $(if $(CHROMIUM),,-m "not browser")
	$(MAKE) test-datasette-1

# While you work: all of it but the long simulations and the browser.
check: install lint
	$(PYTEST) -m "not soak and not browser"

# The pages once more, in the Datasette that is to come: laid over the installed one for these tests only.
DATASETTE_1 := .venv/datasette-1

test-datasette-1: install $(DATASETTE_1)/.installed
	PYTHONPATH=$(DATASETTE_1) DATASETTE_GENERATION=1.0 $(PYTEST) $(if $(CHROMIUM),,-m "not browser") \
	  tests/test_datasette.py tests/test_datasette_browser.py tests/test_rows_out.py

$(DATASETTE_1)/.installed: .venv/.installed constraints-datasette-1.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target $(DATASETTE_1) \
	  -r constraints-datasette-1.txt
	touch $@

install: .venv/.installed

.venv/.installed: constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Needs the network and pip-tools; writes versions and hashes, no addresses. constraints-datasette-1.txt holds in the same
# form what Datasette 1.0 needs beyond constraints.txt, and is written by hand.
lock:
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --strip-extras \
	  --extra text --extra test --no-header --no-annotate --output-file constraints.txt pyproject.toml

clean:
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis dist
