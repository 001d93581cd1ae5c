# Lastmile. `make demo` and `make test` are all a newcomer needs; `make help` lists the rest.
PY := .venv/bin/python
PYTHON ?= python3
SM ?= 0  # 1: with GmSSL, for SM2 signatures on CAP messages
SPEECH ?= 1  # 0: without espeak-ng, which is free under the GPL and makes speech offline
LASTMILE := $(PY) -m lastmile
SETUP := var/.setup

.PHONY: help demo run worker test lint format bench screens messages lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(SETUP): requirements/base.txt requirements/speech.txt requirements/sm.txt package-lock.json tools/vendor.py pyproject.toml
	@test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(if $(filter 0,$(SPEECH)),,$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/speech.txt)
	$(if $(filter 1,$(SM)),$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/sm.txt)
	$(PY) tools/vendor.py
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(PY) -m tools.compile_messages
	$(LASTMILE) collectstatic --noinput --verbosity 0
	@mkdir -p var && touch $(SETUP)

var/.setup-dev: $(SETUP) requirements/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch var/.setup-dev

demo: $(SETUP) ## the main job on real input: Zhengzhou, 20 July 2021 (ONCE=1: exit with a report)
	$(LASTMILE) demo $(if $(ONCE),--once)

run: $(SETUP) ## database, web and worker of an empty system on http://127.0.0.1:8000
	$(LASTMILE) run

worker: $(SETUP) ## one more worker
	$(LASTMILE) worker

test: var/.setup-dev ## every check and every test
	$(PY) tools/check.py

lint: var/.setup-dev ## the checks without the tests
	$(PY) tools/check.py --no-tests

format: var/.setup-dev ## put the code in order
	$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format --quiet .

bench: var/.setup-dev ## speed, as ratios in the same run; writes docs/benchmarks.md and var/bench.json
	$(PY) -m tools.bench

screens: var/.setup-dev ## every page at 390 and 1440 px, into var/screens
	$(PY) -m tools.screens

messages: var/.setup-dev ## list the texts that have no Chinese yet
	-$(PY) -m tools.translations
	$(PY) -m tools.compile_messages

lock: ## renew the pinned requirements (needs uv)
	cd requirements && for f in base speech sm dev node; do uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links -q $$f.in -o $$f.txt --custom-compile-command "make lock"; done

clean: ## stop the embedded database and forget everything under var/
	-$(LASTMILE) db stop
	rm -rf var .venv node_modules
