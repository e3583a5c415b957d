# `make demo` and `make test` do all of their own set-up; a second run finds it done and starts in seconds.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
BIN := .venv/bin
PREPARE = $(shell .ci/python) .ci/prepare.py
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -name '*.md')

.PHONY: help
help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 22

.PHONY: demo
demo: .venv/.ready server/threenos_server/static/.built  ## a whole factory on this machine, with live alarms on its board
	@$(PREPARE) system demo
	$(BIN)/threenos demo

.PHONY: test
test: lint server/threenos_server/static/.built  ## every check and test there is
	@$(PREPARE) system test
	$(BIN)/python -m pytest tests/unit
	$(BIN)/python -m pytest -n 4 --dist loadfile tests/scenario tests/hostile tests/service tests/contract
	$(BIN)/python -m pytest -n 2 --dist worksteal tests/chaos
	$(BIN)/python -m pytest -n 3 --dist loadfile tests/e2e
	.ci/npm run check
	.ci/npm run test

.PHONY: test-postgresql
test-postgresql: .venv/.ready server/threenos_server/static/.built  ## every test that has a database, on PostgreSQL
	@$(PREPARE) system test
	TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 4 --dist loadfile tests/service tests/scenario tests/contract
	TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 2 --dist loadfile tests/e2e

.PHONY: lint
lint: .venv/.ready  ## style, types and layers of the Python
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: bench
bench: .venv/.ready  ## speeds and sizes, each beside its floor: make bench, or make bench ONLY=intake
	@$(PREPARE) system demo
	$(BIN)/python tests/bench/run.py $(ONLY)

.PHONY: chaos
chaos: .venv/.ready  ## kill real processes at random while people press: make chaos N=1000; SEED=… again; FAULT=all seeded bugs
	@$(PREPARE) system test
	$(BIN)/python tests/chaos/run.py $(foreach name,N SEED DB FAULT,$(if $($(name)),$(name)=$($(name))))

.PHONY: faults
faults: .venv/.ready server/threenos_server/static/.built  ## do every fault to a real plant, as root: make faults ONLY=disk,crash.agent DB=sqlite
	@$(PREPARE) system faults
	$(BIN)/python tests/faults/run.py $(foreach name,ONLY DB INTO,$(if $($(name)),$(name)=$($(name))))

.PHONY: fuzz
fuzz: .venv/.fuzz-packages  ## millions of inputs that nobody makes by mistake: make fuzz N=1000000 ONLY=event,chain-yaml SEED=…
	@$(PREPARE) system demo
	$(BIN)/python tests/fuzz/run.py $(foreach name,N ONLY SEED,$(if $($(name)),$(name)=$($(name))))

.PHONY: release
release: server/threenos_server/static/.built  ## all that a server and its stations need, as dist/threenos-VERSION.tar.gz
	.ci/release

.PHONY: install-check
install-check: release  ## follow deploy/one-plant.md word by word on a clean Debian; root, debootstrap, systemd-container
	$(BIN)/python tests/install/run.py

.PHONY: hardening
hardening: .venv/.ready  ## how hard each systemd unit is shut, of 10
	$(BIN)/python -m pytest -q -s tests/service/deploy/test_units.py

.PHONY: screenshots
screenshots: .venv/.ready server/threenos_server/static/.built  ## every page in both languages and all sizes, into screenshots/
	@$(PREPARE) system test
	$(BIN)/python tests/e2e/screenshots.py

.PHONY: web
web: server/threenos_server/static/.built  ## the pages, built into both packages

.PHONY: migration
migration: .venv/.ready  ## a new Alembic revision from what the tables say: make migration NAME="what changed"
	$(BIN)/python -m threenos_server.migrations "$(NAME)"

.PHONY: lock
lock: .venv/.ready  ## lock the newest packages that pyproject.toml allows, with their hashes and without addresses
	.ci/lock

.PHONY: sbom
sbom:  ## what Threenos is made of, as CycloneDX in sbom.cdx.json
	@$(shell .ci/python) .ci/sbom.py sbom.cdx.json

# The stamps: each is older than what it stands for only when something changed.
.venv/.ready: requirements-dev.lock pyproject.toml .ci/prepare.py
	@$(PREPARE) venv
	@touch $@

.venv/.web-packages: web/package-lock.json web/package.json | .venv/.ready
	@$(PREPARE) node
	.ci/npm ci --no-progress
	@touch $@

.venv/.fuzz-packages: requirements-fuzz.lock | .venv/.ready
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-fuzz.lock
	@touch $@

# The stamp lies in the folder that the build makes, so that removing the folder builds it again.
server/threenos_server/static/.built: $(WEB_SOURCES) | .venv/.web-packages
	.ci/npm run build
	@touch $@
