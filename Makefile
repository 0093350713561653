# Front door of the project. `make help` lists what there is; the work is done by tools/.
SHELL := /bin/bash
PRESET ?= release
PORT ?= 3002
DATA ?= data
MINUTES ?= 10

.DEFAULT_GOAL := help
.PHONY: help deps test-deps build demo test test-real faults lighthouse pictures overload fuzz bench check golden format tidy

help: ## this list
	@echo "make TARGET; the main ones are demo and test"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 14 | sed 's/^/  /'

deps: ## install what the build needs and this machine lacks (Debian packages, DuckDB)
	@tools/deps.sh

test-deps: deps
	@tools/deps.sh tests

build: deps ## build the program and its tests into build/$(PRESET)
	@tools/build.sh $(PRESET)

demo: deps ## a simulated marketplace, live; PORT=3002 DATA=data
	@tools/build.sh release tideline
	@build/release/tideline demo --port $(PORT) --data $(DATA) || [ $$? -eq 130 ]

test: build test-deps ## every test that needs only this machine; PRESET=sanitize|tsan for that build
	@python3 tools/run_tests.py --build build/$(PRESET) $(if $(ONLY),--only '$(ONLY)')

test-real: build ## tests over the real data sets in DATA=DIR
	@python3 tools/run_tests.py --build build/$(PRESET) --real '$(DATA)' $(if $(ONLY),--only '$(ONLY)')

faults: build ## long loops of kills, crash points, failing and full disks, planted bugs
	@TIDELINE_BIN=$(CURDIR)/build/$(PRESET)/tideline python3 tests/faults/run.py --long

fuzz: deps ## fuzz harnesses under ASan and UBSan, MINUTES=10 each; ONLY=NAME,NAME
	@tools/deps.sh fuzz
	@tools/build.sh fuzz fuzz_all
	@python3 tests/fuzz/run.py --build build/fuzz --minutes $(MINUTES) --only '$(ONLY)'

lighthouse: build ## Lighthouse's judgement of the overview, median of 5 (needs quiet)
	@TIDELINE_BIN=$(CURDIR)/build/$(PRESET)/tideline python3 tests/lighthouse/run.py

pictures: build ## the pictures of docs/images anew
	@TIDELINE_BIN=$(CURDIR)/build/$(PRESET)/tideline python3 tests/page/pictures.py

overload: build ## a minute at three times capacity, then beside 4,000 slow connections
	@TIDELINE_BIN=$(CURDIR)/build/$(PRESET)/tideline python3 tests/live/run.py

bench: build ## figures of speed, side by side with peers; writes docs/benchmarks.md
	@TIDELINE_BIN=$(CURDIR)/build/$(PRESET)/tideline python3 bench/run.py

check: deps ## the rules: format, clang-tidy (changed files), layers, style, docs, generated files
	@python3 tools/check.py

golden: build ## rewrite the golden files (command line help, OpenAPI, settings) from the program
	@UPDATE_GOLDEN=1 python3 tools/run_tests.py --build build/$(PRESET) --only golden,api_test,config_test,completion_test

format: ## apply clang-format to the whole tree
	@tools/format.sh --all --fix

tidy: build ## clang-tidy over the whole tree
	@tools/tidy.sh --all
