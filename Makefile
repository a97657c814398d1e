# Everything that one does with Dealings from a clone. `make` alone lists it.

PYTHON ?= python3
PYTEST ?= -n auto --maxprocesses 2 --dist loadfile
BIN    := .venv/bin
NPM    := tools/npm
STATIC := src/dealings/edge/web/static
CODE   := $(wildcard src tests bench tools)
WEB    := $(shell find web -mindepth 1 \( -name node_modules -o -name '*.test.ts' \) -prune -o -print)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format bench bench-hostile bench-peers soak browser schema env web wheel lock chromium vitest pytest clean

help: ## List what can be made
	@echo "Dealings. make demo shows it running; make test checks everything."
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1 | \2/p' $(firstword $(MAKEFILE_LIST)) | awk -F' [|] ' '{ printf "%-14s %s\n", $$1, $$2 }'

demo: env web ## Start everything on one port, with sample shops and people
	$(BIN)/dealings demo

test: check vitest pytest ## Format, lint, types, layers and every test, on both stores and in the browser

check: env web/node_modules/.made ## Format, lint, types, layers; that docs/openapi.json and its web types are current
	$(BIN)/ruff format --check --output-format=concise
	$(BIN)/ruff check --quiet
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.schema --check
	$(NPM) run --silent check

format: env web/node_modules/.made ## Put the code in shape: formatters, and fixes that are safe
	$(BIN)/ruff check --fix --quiet || true
	$(BIN)/ruff format --quiet
	$(NPM) run --silent format

bench: env ## Measure messages, orders and transfers a second, beside the raw driver; PostgreSQL and two nodes under load
	$(BIN)/python -m bench
	$(BIN)/python -m bench.peers --who dealings --store postgresql --only pairs --only pairs16 --only group
	$(BIN)/python -m bench.peers --who dealings --nodes 2 --only pairs --only pairs16 --only group

bench-hostile: env ## Measure what hostile clients do to the others, and how 5,000 come back from a restart
	$(BIN)/python -m bench.hostile
	$(BIN)/python -m bench.returning

bench-peers: env ## Measure Dealings beside NATS and JetStream, each on one core with the load on the other
	$(BIN)/python -m bench.peers

soak: env ## Kill, restart and check, and a day's messages at full speed, each for as long as SOAK_SECONDS says (600)
	SOAK_SECONDS=$${SOAK_SECONDS:-600} $(BIN)/pytest -m soak -s -o faulthandler_timeout=0

browser: env web chromium ## Play the whole job in Chromium; leaves screenshots in docs/images
	DEALINGS_SCREENSHOTS=1 $(BIN)/pytest -m browser

schema: env web/node_modules/.made ## Write docs/openapi.json from the server, and the web's types from it
	$(BIN)/python -m tools.schema

env: .venv/.made ## Make the environment in .venv, from the locked requirements

web: $(STATIC)/.made ## Build both web apps into the package

wheel: env web ## Build a wheel that contains the web apps, in dist/
	$(BIN)/python -m hatchling build --target wheel

lock: env ## Lock the newest requirements that the .in files allow, with hashes
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) --output-file=requirements.txt requirements.in
	CUSTOM_COMPILE_COMMAND="make lock" $(LOCK) --output-file=requirements-dev.txt requirements-dev.in

chromium: ## Install Chromium and a Chinese font for the browser tests, or say how
	@tools/chromium

clean: ## Remove what was made, the environment included; data stays
	rm -rf .venv dist build web/node_modules $(STATIC) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# ------------------------------------------------------------------ how

LOCK = $(BIN)/pip-compile --quiet --upgrade --allow-unsafe --generate-hashes --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

.venv/.made: requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Dealings needs Python 3.11 or newer. Name one: make env PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

web/node_modules/.made: web/package.json web/package-lock.json | env
	$(NPM) ci --no-fund --no-audit --loglevel=error
	@touch $@

$(STATIC)/.made: web/node_modules/.made $(WEB) src/dealings/client/machine.json
	$(NPM) run --silent build
	@touch $@

vitest: web/node_modules/.made
	$(NPM) run --silent test

# Last in `make test`, so that its closing line is the last word.
pytest: env web chromium check vitest
	$(BIN)/pytest $(PYTEST)
