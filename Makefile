# Souk. `make run` starts the shop, `make test` passes; nothing but Python >= 3.11 and make need be there before.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
# Tests start many processes: what one has compiled, the others need not compile again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-cli test-browser test-faults test-mutants test-api test-compose test-monitoring check format bench pictures contracts dashboards texts lock clean

help: ## Show what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

run: $(VENV)/.run ## Start the whole shop on http://localhost:8000 (SOUK_PORT, SOUK_DATA_DIR change it)
	@exec $(BIN)/souk run

test: $(VENV)/.dev ## Run all tests but the slow suites
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not slow"

test-fast: $(VENV)/.dev ## Only the tests that need no broker and no browser
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not slow and not rabbitmq and not browser"

test-cli: $(VENV)/.dev ## Run the `souk` command in processes of its own, and fill shops
	$(BIN)/pytest tests/shop/cli tests/shop/demo -m slow

test-browser: $(VENV)/.dev ## Walk the shop in Chromium
	$(BIN)/pytest tests/browser

test-compose: $(VENV)/.dev ## Build, start, break and restart the compose size in Docker
	CI=true $(BIN)/pytest tests/compose -m slow

test-monitoring: $(VENV)/.dev ## Ask a real Prometheus every query, and fire every alert
	$(BIN)/pytest tests/monitoring

test-faults: $(VENV)/.dev ## Kill services and cut connections while people buy
	$(BIN)/pytest tests/faults -m slow

test-mutants: $(VENV)/.dev ## Take each safeguard of the money and the accounts away, and see that the tests notice
	$(BIN)/pytest -n $(WORKERS) tests/mutants -m slow

test-api: $(VENV)/.dev ## Try the public API with generated requests
	$(BIN)/pytest tests/api -m slow

check: $(VENV)/.dev ## Formatting, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code and mend what lint can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## Print the figures of the benchmarks
	$(BIN)/python -m misc.bench

pictures: $(VENV)/.dev ## Take the README's pictures anew
	SOUK_PICTURES=misc/pictures $(BIN)/pytest tests/browser -k journey

dashboards: $(VENV)/.dev ## Write Grafana's dashboards anew
	$(BIN)/python -m monitoring.grafana.build

contracts: $(VENV)/.dev ## Write the events' AsyncAPI document anew
	$(BIN)/python -m souk.contracts.asyncapi misc/asyncapi.json

texts: $(VENV)/.dev ## Write what is to be translated as messages.pot
	$(BIN)/python -m misc.texts > messages.pot

lock: $(VENV)/.uv ## Pin the requirements again
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements/dev.in -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header -c requirements/dev.txt requirements/embedded.in -o requirements/embedded.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header -c requirements/dev.txt requirements/runtime.in -o requirements/runtime.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.13 --generate-hashes --no-header misc/synthetics/requirements.in -o misc/synthetics/requirements.txt

clean: ## Forget the environment (the data folder stays)
	rm -rf $(VENV)

$(VENV)/.uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "Souk needs Python 3.11 or newer: install it, or name it with PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.run: $(VENV)/.uv requirements/embedded.txt pyproject.toml
	$(BIN)/uv pip install -q --compile-bytecode --require-hashes -r requirements/embedded.txt
	$(BIN)/uv pip install -q --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q souk shop catalogue store payment entrypoint
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(BIN)/uv pip install -q --require-hashes -r requirements/dev.txt
	@touch $@
