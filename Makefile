# Bare `make` lists the targets. Everything runs in .venv, which the first target to need it creates.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALL := $(PYTHON) -m pip install -qq --disable-pip-version-check --no-input --require-hashes
ARGUMENTS := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
# Tests that may share the machine with each other. All others start whole products and watch clocks: they run one at a time, and at
# the product's own pace, without the counting of lines, which makes it half as fast. Pages are drawn by two, uncounted too.
TOGETHER := $(addprefix tests/,conformance contract docs mutation typing unit)

.PHONY: help run demo test check style types layers format trial bench wheel doctor clean tools chromium swetest prometheus

help: ## List the targets.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

run: $(VENV)/installed ## Install what is needed, then start everything (state in var/).
	@exec $(PYTHON) -m backend run

demo: $(VENV)/installed ## The same with a local geocoder and some minutes of traffic (state in demo/).
	@exec $(PYTHON) -m backend demo

test: chromium swetest prometheus tools ## Run the checks, then every test with small counts, and print the coverage.
	@$(MAKE) check
	@$(PYTHON) -m pytest -n logical --dist loadfile --cov --cov-report=term:skip-covered --cov-fail-under=90 $(TOGETHER)
	@$(PYTHON) -m pytest -n logical --dist loadfile tests/console
	@$(PYTHON) -m pytest $(addprefix --ignore=,$(TOGETHER) tests/console)

check: tools ## Run the linters, the formatter's check, the type checker and the layers' check.
	@$(MAKE) -j2 -O style types layers

style types layers: tools
style:
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
types:
	@$(VENV)/bin/mypy
layers:
	@$(VENV)/bin/lint-imports --no-logo

format: tools ## Format the code.
	@$(VENV)/bin/ruff check --fix --quiet .
	@$(VENV)/bin/ruff format .

trial: tools ## Run one trial with its full counts: make trial NAME; bare, it lists the names.
	@$(PYTHON) -m tests.trials $(ARGUMENTS)

bench: tools prometheus ## Run the benchmarks; one JSON object each.
	@$(PYTHON) -m benchmarks chart --json
	@$(PYTHON) -m benchmarks api --json
	@$(PYTHON) -m benchmarks console --json
	@$(PYTHON) -m benchmarks resilience --json
	@$(PYTHON) -m benchmarks metrics --json

wheel: tools ## Build the wheel of backend.resilience, for other services, into dist/.
	@$(PYTHON) -m pip wheel -q --no-build-isolation --no-deps --wheel-dir dist .
	@rm -rf build astrolabe_resilience.egg-info
	@ls dist/*.whl

doctor: $(VENV)/installed ## Say what is wrong with settings and stores, and how to mend it.
	@$(PYTHON) -m backend doctor

clean: ## Remove the virtual environment and the tools' caches; never state.
	@rm -rf $(VENV) .peers .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*

$(PYTHON):
	@python=; for name in python3.11 python3; do \
		if "$$name" -c 'import sys; raise SystemExit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "Python 3.11 is needed: install python3.11 with its venv module, then run make again." >&2; exit 1; fi; \
	"$$python" -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
		echo "$$python cannot make a virtual environment: install its venv module (Debian: apt-get install python3.11-venv), then run make again." >&2; exit 1; }

$(VENV)/installed: requirements.txt | $(PYTHON)
	@echo "Installing the requirements into $(VENV); this takes a minute or two, once."
	@$(INSTALL) -r requirements.txt
	@touch $@

tools: $(VENV)/installed-tools

$(VENV)/installed-tools: requirements-dev.txt $(VENV)/installed
	@echo "Installing the test tools into $(VENV), once."
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

chromium:
	@if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then \
		if [ "$$(id -u)" = 0 ]; then \
			echo "Installing Chromium, once."; \
			apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
		else \
			echo "The browser tests need Chromium. Run this command first: sudo apt-get install -y chromium" >&2; exit 1; \
		fi; \
	fi

swetest:
	@if ! command -v swetest >/dev/null; then \
		if [ "$$(id -u)" = 0 ]; then \
			echo "Installing swetest, once."; \
			apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends swetest >/dev/null; \
		else \
			echo "Charts are compared with the program swetest. Run this command first: sudo apt-get install -y swetest" >&2; exit 1; \
		fi; \
	fi

# Debian's Prometheus and promtool, unpacked beside the tools and never installed: our answers are compared with theirs.
prometheus: $(VENV)/prometheus/usr/bin/prometheus

$(VENV)/prometheus/usr/bin/prometheus: | $(VENV)/installed
	@echo "Fetching Debian's Prometheus for the tests, once."
	@mkdir -p $(VENV)/prometheus
	@if [ "$$(id -u)" = 0 ]; then apt-get update -qq >/dev/null; fi
	@cd $(VENV)/prometheus && apt-get download -qq prometheus >/dev/null 2>&1 && dpkg -x prometheus_*.deb . && rm prometheus_*.deb || { \
		echo "Metrics are compared with Debian's Prometheus, which could not be fetched: run apt-get update, then make again." >&2; exit 1; }

# The words after `trial` are names of trials, not targets.
ifeq ($(firstword $(MAKECMDGOALS)),trial)
$(eval $(ARGUMENTS):;@:)
endif
