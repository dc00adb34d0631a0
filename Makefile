# The commands of this project; `make` alone lists them.

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
READY := .venv/ready
DEV_READY := .venv/ready-dev

# An upgrade of the system can take the Python away from below an environment: then it is made anew.
ifeq ($(wildcard $(PYTHON)),)
.PHONY: $(READY)
endif

# A part that there is not is told before anything is installed for it; `make test` passes PARTS on.
KNOWN_PARTS := $(shell sed -n 's/^    Part."\([a-z]*\)".*/\1/p' tests/run.py)
UNKNOWN_PARTS := $(filter-out $(KNOWN_PARTS),$(PARTS))
ifneq ($(UNKNOWN_PARTS),)
$(error no part of the tests is called $(UNKNOWN_PARTS): the parts are $(KNOWN_PARTS))
endif

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## .venv with Ansible, and this checkout as a collection in it

$(READY): requirements.txt requirements-constraints.txt scripts/setup.sh
	@scripts/setup.sh
	@touch $@

$(DEV_READY): $(READY) requirements-dev.txt lab/collections.py
	@echo "adding what the tests need" >&2
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input \
		--requirement requirements-dev.txt --constraint requirements-constraints.txt
	@$(PYTHON) -m lab.collections
	@touch $@

.PHONY: demo
demo: $(READY) ## sample containers on this machine, audited: what the kernel really does with them
	@$(PYTHON) -m demo

.PHONY: demo-clean
demo-clean: $(READY) ## remove what the demo made, and nothing else
	@$(PYTHON) -m demo clean

.PHONY: audit
audit: $(READY) ## audit this host as it is
	@.venv/bin/ansible-playbook playbooks/audit.yml

.PHONY: test
test: $(DEV_READY) ## every test that this machine can run; PARTS="lint live" for some of them
	@$(PYTHON) -m tests.run $(PARTS)

.PHONY: lint
lint: $(DEV_READY) ## format, style, types: the part of the tests that needs nothing to run on
	@$(PYTHON) -m tests.run lint

.PHONY: bench
bench: $(READY) ## what an audit costs, beside its floor and its peers; SIZES="10 100" and RUNS=5 to choose
	@$(PYTHON) -m bench $(if $(SIZES),--sizes $(SIZES)) $(if $(CROWD),--crowd $(CROWD)) \
		$(if $(HOSTS),--hosts $(HOSTS)) $(if $(RUNS),--runs $(RUNS)) $(if $(SLOW),--slow)

.PHONY: bench-fleet
bench-fleet: $(READY) ## the same for many hosts over ssh, in containers on this machine; FLEET="10 20 50" to choose
	@$(PYTHON) -m bench.fleet $(if $(FLEET),--hosts $(FLEET)) $(if $(RUNS),--runs $(RUNS))

.PHONY: docs
docs: $(DEV_READY) ## the site: guides, and a page for every module, filter and role, in dist/docs
	@scripts/docs.sh

.PHONY: release
release: $(DEV_READY) ## the artifact of what is committed, built and checked; VERSION=1.2.3 writes that version first
	@$(PYTHON) -m release $(VERSION)

.PHONY: vm
vm: $(READY) ## the virtual machine under test: made once, then resumed in seconds
	@$(PYTHON) -m lab.vm up

.PHONY: vm-stop
vm-stop: $(READY) ## end it
	@$(PYTHON) -m lab.vm stop

.PHONY: pins
pins: $(READY) ## requirements-constraints.txt anew, after a change of the other requirements
	@rm -rf .cache/pins
	@$(PYTHON) -m venv .cache/pins
	@.cache/pins/bin/pip install --quiet --disable-pip-version-check \
		--requirement requirements.txt --requirement requirements-dev.txt
	@{ echo "# Everything that the other requirements bring along, pinned: made by make pins."; \
		.cache/pins/bin/pip freeze; } >.cache/pins.txt
	@mv .cache/pins.txt requirements-constraints.txt
	@rm -rf .cache/pins
	@$(PYTHON) -m venv .cache/pins
	@.cache/pins/bin/pip install --quiet --disable-pip-version-check galaxy-importer --requirement requirements.txt
	@{ echo "# galaxy-importer with everything that it brings along, which runs apart from .venv: made by make pins."; \
		.cache/pins/bin/pip freeze; } >.cache/pins.txt
	@mv .cache/pins.txt requirements-importer.txt
	@rm -rf .cache/pins
