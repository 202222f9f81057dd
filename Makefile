# Everything that one does with this project. `make` alone lists it.

SWIFT ?= swift
# Every import must be of a module that Package.swift names for that target.
STRICT := --explicit-target-dependency-import-check error
SECONDS_TO_FUZZ ?= 60
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup build release demo test test-swift test-interop check lint format fuzz bench bench-transfer \
	bench-create bench-small-files bench-swarm bench-discovery bench-web clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-18s %s\n", $$1, $$2 }'

setup: ## install what building and testing need (apt-get, only what is missing)
	@scripts/setup test

build: ## debug build of everything
	@scripts/setup build
	$(SWIFT) build $(STRICT)

release: ## release build: .build/release/duplex
	@scripts/setup build
	$(SWIFT) build -c release --product duplex $(STRICT)

demo: release ## two computers, then three, share real files in front of you
	@scripts/demo

test: ## all tests: the Swift ones, then those against libtorrent, aria2 and Transmission
	@scripts/setup test
	@scripts/test all

test-swift: ## the Swift tests alone; ARGS="--filter MetainfoTests" chooses
	@scripts/test swift $(ARGS)

test-interop: ## the tests of the program against others alone; ARGS="test_libtorrent" chooses
	@scripts/setup test
	@scripts/test interop $(ARGS)

check: ## what CI checks: format, floors, no warnings, all tests
	@scripts/setup test
	@scripts/check

lint: ## is the formatting right, does every import respect the floors
	@scripts/check lint

format: ## format all Swift files
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests $(wildcard Fuzz)

fuzz: ## libFuzzer on everything a stranger can send; SECONDS_TO_FUZZ=600 for longer
	@Fuzz/run.sh $(SECONDS_TO_FUZZ)

bench: bench-transfer bench-create bench-small-files bench-swarm bench-discovery bench-web ## all benchmarks

bench-transfer: release ## 1 GiB host to host against libtorrent, aria2, nginx with curl; ARGS="--size 256 --runs 1"
	@scripts/setup bench
	@scripts/bench-transfer $(ARGS)

bench-create: release ## making a torrent of 1 GiB against libtorrent
	@scripts/setup bench
	@scripts/bench-create $(ARGS)

bench-small-files: release ## 10,000 files of 8 KiB host to host against an rsync daemon
	@scripts/setup bench
	@scripts/bench-small-files $(ARGS)

bench-web: release ## downloads by browsers: 1 GiB and 16 KiB, 2,000 slow readers, against nginx
	@scripts/setup bench
	@scripts/bench-web $(ARGS)

bench-swarm: release ## one source and 2 to 16 receivers on links of 50 Mbit/s (as root) against libtorrent, nginx with curl
	@scripts/setup bench
	@scripts/bench-swarm $(ARGS)

bench-discovery: release ## how fast hosts find each other, what 100 of them send when quiet, what an idle one costs (as root)
	@scripts/setup bench
	@scripts/bench-discovery $(ARGS)

clean: ## remove the build folder
	rm -rf .build
