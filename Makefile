# The verbs of the house. `make` alone explains them. Needed beforehand: Python 3.11+, Node 20.19+, make.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help serve import ingest doctor gateway test test-runtime test-long test-deploy test-pages test-clients check sbom audit deploy format translations house-map package bench storm bench-pages basemap mutate lock local-tools dev-tools pages-tools clients-tools clients-apt postgis-apt chromium

PY ?= $(shell command -v python3.11 || command -v python3.13 || command -v python3.12 || command -v python3)
PORT ?= 5000
DATA ?= .local
DEMO ?= 1
LIVE ?= 0
# The same engine without a window to paint, so that it takes half the time; else the browser itself.
CHROMIUM ?= $(shell command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome)
APT := DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends fonts-dejavu-core
STAGE ?= dev
KIND ?= http
UV_VERSION := 0.13.9
PYTHON := .venv/bin/python
NODE := node_modules/.stamp
# An environment of its own: what the product is compared with shall not be found by accident.
BENCH := build/bench-env
LINTERS := build/lint-env
AUDIT := build/audit-env
CLIENTS := build/clients
CLIENTS_NPM := build/clients-npm
# The Python that is deployed (serverless.yml), and the first such one that really starts.
DEPLOYED := 3.13
RUNTIME_ENV := build/python$(DEPLOYED)
RUNTIME_PY = $(shell for one in "$(PY)" python$(DEPLOYED) "$$HOME"/.pyenv/versions/$(DEPLOYED).*/bin/python; do \
	"$$one" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null && echo "$$one" && break; done)
# One make installs at a time; another one waits.
ALONE = $(PY) -m infra.local.alone .installing.lock $(MAKE) -s
PACKAGED_FOR = $(if $(RUNTIME),--runtime "$(RUNTIME)") $(if $(ARCHITECTURE),--architecture "$(ARCHITECTURE)")
# Whatever the command has started ends with it, however it ends.
LED = $(PYTHON) -m infra.local.sweeper
# Tests of the linters that `make check` installs and runs.
OF_CHECK := tests/infra/test_linters.py
CODE := app handlers infra tests $(wildcard bench)
# Where bytecode is not to be written beside the sources, every tool would compile itself again each time.
ifneq ($(PYTHONDONTWRITEBYTECODE),)
test test-runtime test-long test-deploy test-pages test-clients check: export PYTHONPYCACHEPREFIX := $(CURDIR)/build/bytecode
test test-runtime test-long test-deploy test-pages test-clients check: export PYTHONDONTWRITEBYTECODE :=
endif

help: ## This list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: ## Run it all here, with demo data. [PORT=5000] [DATA=.local] [DEMO=1] [LIVE=0] [MAP=file.pmtiles]
	@$(ALONE) -j2 local-tools
	@exec $(PYTHON) -m infra.local.serve --port "$(PORT)" --data "$(DATA)" --demo "$(DEMO)" --live "$(LIVE)" --map "$(MAP)"

import: FORMAT ?= auto
import: ## Load reports into that same database. FILE=.. [FORMAT=auto] [ARGS="--dry-run"] [DATA=.local]
	@test -n "$(FILE)" || { echo "Say what to load: make import FILE=reports.csv" >&2; exit 2; }
	@$(ALONE) -j2 local-tools
	@exec $(PYTHON) -m infra.local.command --data "$(DATA)" import "$(FILE)" --format "$(FORMAT)" $(ARGS)

ingest: ## Load official warnings into that database. SOURCE=ea|nws|cap [FILE=..] [ARGS=..] [DATA=.local]
	@test -n "$(SOURCE)" || { echo "Say whose they are: make ingest SOURCE=ea FILE=floods.json" >&2; exit 2; }
	@$(ALONE) -j2 local-tools
	@exec $(PYTHON) -m infra.local.command --data "$(DATA)" ingest --source "$(SOURCE)" $(if $(FILE),--file "$(FILE)") $(ARGS)

doctor: ## Look for what is wrong here, with its cure. [PORT=5000] [DATA=.local] [ARGS=--json]
	@$(ALONE) -j2 local-tools
	@exec $(PYTHON) -m infra.local.command --data "$(DATA)" doctor --port "$(PORT)" $(ARGS)

gateway: PORT = 5080
gateway: DATA = .local-gateway
gateway: ## Serve the packaged artifact as API Gateway and Lambda would. [PORT=5080] [DATA=.local-gateway] [DEMO=1] [KIND=http|rest] [ZIP=..] [MAP=file.pmtiles]
	@$(ALONE) -j2 local-tools
	@exec $(PYTHON) -m infra.local.serve_artifact --port "$(PORT)" --data "$(DATA)" --demo "$(DEMO)" --kind "$(KIND)" --zip "$(ZIP)" --map "$(MAP)"

# Three workers also on two cores: a third of their time they wait for processes, proxies and their time limits.
test: ## Install what tests need and run them. [ARGS=..] goes to pytest
	@$(ALONE) -j2 dev-tools
	@exec $(PYTHON) -m pytest -n 3 --ignore $(OF_CHECK) $(ARGS)

# Two cases of each test: `make test` runs all of them, and what a Python breaks it breaks in nearly each.
test-runtime: ## What runs in Lambda, on the Python that is deployed, where this machine has it. [PY=..] [ARGS=..] goes to pytest
	@$(if $(RUNTIME_PY),$(ALONE) $(RUNTIME_ENV)/.stamp $(NODE),echo "No Python $(DEPLOYED) is here, which the product is deployed on: its tests on it are left out. PY= names one.")
	@$(if $(RUNTIME_PY),exec $(RUNTIME_ENV)/bin/python -m pytest -n 2 --cases 2 tests/handlers tests/app/reports tests/app/warnings $(ARGS))

test-long: ## The promises at full size, and a deployment that fails at each resource. [ARGS=..] goes to pytest
	@$(ALONE) -j2 dev-tools $(if $(ARGS),,clients-tools)
	@$(PYTHON) -m pytest -m long $(ARGS)
	@$(if $(ARGS),:,$(PYTHON) -m pytest -m long tests/clients)
	@$(if $(ARGS),:,exec $(PYTHON) -m pytest -n 2 --dist load -m long tests/deploy)

test-deploy: ## Deploy with the real CLI into an emulated AWS account, use it, change it, remove it. [ARGS=..] goes to pytest
	@$(ALONE) -j2 dev-tools
	@exec $(PYTHON) -m pytest -n 2 tests/deploy $(ARGS)

# Three workers also on two cores: a third of their time they wait for pages to come to rest and for readers of streams.
test-pages: ## Use the pages as people do, in Chromium. [URL=http://localhost:5000] [ZIP=..] [CHROMIUM=..] [PICTURES=1] [ARGS=..] goes to pytest
	@$(ALONE) -j2 pages-tools
	@CHROMIUM="$(CHROMIUM)" PAGES_URL="$(URL)" PAGES_ZIP="$(ZIP)" PAGES_PICTURES="$(PICTURES)" exec $(PYTHON) -m pytest -n 3 tests/pages $(ARGS)

test-clients: ## Let clients of other makers use the product: generators, validators, readers of feeds. [ARGS=..] goes to pytest
	@$(ALONE) -j2 clients-tools
	@exec $(PYTHON) -m pytest -n 2 tests/clients $(ARGS)

check: ## Format, lint, types, imports, spelling, templates.
	@$(ALONE) -j2 dev-tools $(LINTERS)/.stamp
	$(PYTHON) -m ruff format --check $(CODE)
	$(PYTHON) -m ruff check $(CODE)
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	.venv/bin/codespell
	$(PYTHON) -m infra.lint
	$(PYTHON) -m pytest -q $(OF_CHECK)

sbom: ## List the third-party software that is deployed, as CycloneDX: build/sbom.cdx.json.
	@$(ALONE) -j2 .venv/.local $(AUDIT)/.stamp
	@exec $(PYTHON) -m infra.sbom

audit: ## Look the pinned packages up among PyPI's advisories; needs a network, and fails (3) where nothing was checked. [FILES=..]
	@$(ALONE) -j2 .venv/.local $(AUDIT)/.stamp
	@exec $(PYTHON) -m infra.audit $(FILES)

deploy: ## Deploy to the AWS account that your shell names. [STAGE=dev] [REGION=eu-west-2]
	@$(ALONE) -j2 local-tools
	@NODE_NO_WARNINGS=1 exec $(LED) node_modules/.bin/serverless deploy --stage "$(STAGE)" $(if $(REGION),--region "$(REGION)")

format: ## Put the code in its form.
	@$(ALONE) -j2 dev-tools
	$(PYTHON) -m ruff format $(CODE)
	$(PYTHON) -m ruff check --fix $(CODE)

translations: ## Bring the languages' catalogues up to the pages and compile them.
	@$(ALONE) -j2 dev-tools
	@exec $(LED) $(PYTHON) -m infra.translations

house-map: ## Draw the rooms and who imports whom: docs/house.md.
	@$(ALONE) -j2 dev-tools
	@exec $(PYTHON) -m infra.house_map

package: ## Build what is deployed: build/floodmanager.zip and its layer. [RUNTIME=python3.13] [ARCHITECTURE=arm64|x86_64]
	@$(ALONE) .venv/.local
	@$(LED) $(PYTHON) -m infra.package $(PACKAGED_FOR)
	@exec $(LED) $(PYTHON) -m infra.photo_layer $(PACKAGED_FOR)

bench: ## Measure: cold start, cost of a request, consumed capacity. [ARGS=..]
	@$(ALONE) -j2 $(BENCH)/.stamp $(NODE)
	@exec $(LED) $(BENCH)/bin/python -m bench $(ARGS)

storm: ## A night of floods in virtual time: is an alert lost, doubled or late? [ARGS="--subscribers 9000"]
	@$(ALONE) -j2 local-tools
	@exec $(LED) $(PYTHON) -m bench.alert_storm $(ARGS)

bench-pages: ## Measure in Chromium: how soon a page shows something, and its map.
	@$(ALONE) -j2 pages-tools
	@CHROMIUM="$(CHROMIUM)" exec $(LED) $(PYTHON) -m tests.pages.speed

mutate: ## Does a test fail for each small mistake in a module? MODULE=app/..py [TESTS="tests/..py .."] [WORKERS=1] [SAMPLE=100]
	@test -n "$(MODULE)" || { echo "Say which module: make mutate MODULE=app/accounts/tokens.py" >&2; exit 2; }
	@$(ALONE) -j2 dev-tools
	@exec $(LED) $(PYTHON) -m infra.mutate "$(MODULE)" --tests "$(TESTS)" $(if $(WORKERS),--workers "$(WORKERS)") $(if $(SAMPLE),--sample "$(SAMPLE)")

basemap: ## The streets of a place as a map file, of OpenStreetMap data. OSM=area.osm.pbf [BOX=west,south,east,north] [OUT=build/basemap.pmtiles]
	@test -n "$(OSM)" || { echo "Say which data: make basemap OSM=area.osm.pbf" >&2; exit 2; }
	@$(ALONE) -j2 dev-tools
	@exec $(PYTHON) -m infra.basemap "$(OSM)" $(if $(BOX),--box="$(BOX)") $(if $(OUT),--to "$(OUT)")

lock: ## Pin the newest versions that requirements*.in allow.
	@$(ALONE) dev-tools
	@for kind in "" -photos -local -dev -lint -audit -pages; do \
	  .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --custom-compile-command "make lock" requirements$$kind.in -o requirements$$kind.txt || exit; \
	done
	@.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --override requirements-clients-override.txt \
	  requirements-clients.in -o requirements-clients.txt

local-tools: .venv/.local $(NODE); @:
dev-tools: .venv/.dev $(NODE); @:
pages-tools: .venv/.pages $(NODE) chromium; @:
clients-tools: .venv/.dev $(NODE) $(CLIENTS)/.stamp $(CLIENTS_NPM)/.stamp clients-apt; @:

# A .venv without this mark is half-made, by an installation that was interrupted or failed: it is rebuilt.
# While something is installed the mark has another name; its date stays, so that what was installed before still counts.
WHOLE := .venv/.whole
INTO_VENV = mv $(WHOLE) .venv/.half && $(call INSTALL,.venv,$<) && mv .venv/.half $(WHOLE)

# uv is several times quicker than pip; if it is missing or finds no index, pip does the same.
# $(1) the environment's folder, $(2) the files, $(3) further options.
INSTALL = { { test -x .venv/bin/uv && .venv/bin/uv pip install --quiet --python $(1)/bin/python --require-hashes $(3) $(addprefix -r ,$(2)); } \
	|| $(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes $(3) $(addprefix -r ,$(2)); }

$(WHOLE):
	@echo "Making .venv ..."
	@rm -rf .venv
	@$(PY) -m venv .venv || { rm -rf .venv; echo "On Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) 2>/dev/null || true
	@touch $@

.venv/.local: requirements-local.txt $(WHOLE)
	@$(INTO_VENV)
	@touch $@

.venv/.dev: requirements-dev.txt $(WHOLE)
	@$(INTO_VENV)
	@touch $@ .venv/.local

# The browser is the system's own: none is downloaded.
.venv/.pages: requirements-pages.txt $(WHOLE) | .venv/.dev
	@$(INTO_VENV)
	@touch $@

chromium:
	@test -n "$(CHROMIUM)" || { test "$$(id -u)" = 0 && apt-get -qq update && { $(APT) chromium-headless-shell || $(APT) chromium; } } >/dev/null 2>&1 \
	  || { echo "Chromium is needed. On Debian: apt-get install chromium-headless-shell fonts-dejavu-core; or name one with CHROMIUM=" >&2; exit 1; }

$(BENCH)/.stamp: requirements-local.txt bench/requirements.txt | $(WHOLE)
	@rm -rf $(BENCH) && $(PY) -m venv $(BENCH)
	@$(call INSTALL,$(BENCH),$^)
	@touch $@

$(LINTERS)/.stamp: requirements-lint.txt | $(WHOLE)
	@rm -rf $(LINTERS) && $(PY) -m venv $(LINTERS)
	@$(call INSTALL,$(LINTERS),$<)
	@touch $@

$(AUDIT)/.stamp: requirements-audit.txt | $(WHOLE)
	@rm -rf $(AUDIT) && $(PY) -m venv $(AUDIT)
	@$(call INSTALL,$(AUDIT),$<)
	@touch $@

$(RUNTIME_ENV)/.stamp: requirements-dev.txt | $(WHOLE)
	@rm -rf $(RUNTIME_ENV) && $(RUNTIME_PY) -m venv $(RUNTIME_ENV)
	@$(call INSTALL,$(RUNTIME_ENV),$<)
	@touch $@

# The lock file holds all that is needed; capparselib would ask for an lxml that no longer builds.
$(CLIENTS)/.stamp: requirements-clients.txt | $(WHOLE)
	@rm -rf $(CLIENTS) && $(PY) -m venv $(CLIENTS)
	@$(call INSTALL,$(CLIENTS),$<,--no-deps)
	@touch $@

$(CLIENTS_NPM)/.stamp: tests/clients/package.json tests/clients/package-lock.json .npmrc
	@rm -rf $(CLIENTS_NPM) && mkdir -p $(CLIENTS_NPM) && cp $^ $(CLIENTS_NPM)
	@cd $(CLIENTS_NPM) && npm ci --silent --no-progress --legacy-peer-deps
	@touch $@

# Readers that only the system has: maps (ogrinfo), XML (xmllint), feeds (sfeed); and what examples use (jq, uuidgen).
clients-apt:
	@which ogrinfo xmllint sfeed jq uuidgen >/dev/null || { test "$$(id -u)" = 0 && apt-get -qq update && $(APT) gdal-bin libxml2-utils sfeed jq uuid-runtime; } >/dev/null 2>&1 \
	  || { echo "Clients are missing. On Debian: apt-get install gdal-bin libxml2-utils sfeed jq uuid-runtime" >&2; exit 1; }

# What `make bench` compares near-me with; without it that part says "not run".
postgis-apt: ## Install PostgreSQL with PostGIS, for a part of the benchmark. Debian, as root.
	@ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 || { test "$$(id -u)" = 0 && apt-get -qq update && $(APT) postgresql-postgis; } >/dev/null 2>&1 \
	  || { echo "PostGIS is missing. On Debian, as root: apt-get install postgresql-postgis" >&2; exit 1; }

# Our own infra/cli.js stands before the CLI, which is how `npx serverless wsgi flask -c` is understood.
$(NODE): package.json package-lock.json .npmrc infra/cli.js
	@echo "Making node_modules ..."
	@rm -f $@
	@npm ci --silent --no-progress
	@ln -sf ../../infra/cli.js node_modules/.bin/serverless && ln -sf serverless node_modules/.bin/sls
	@touch $@
