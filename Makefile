# Thin on purpose: each target is one call of a script in tools/, which a person can call as well.
# `make help` lists the targets. GROUPS of packages: see tools/setup.

.DEFAULT_GOAL := help
.PHONY: help setup build optimized test demo bench quality lint format dev tsan fuzz coverage soak campaign clean simulate

help: ## This list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## Install the packages that building and testing need (only the missing ones)
	@tools/setup build test

build: ## The program, as shipped: build/release/tocsin
	@tools/setup build
	@tools/build release

optimized: ## The same compiled by a profile of its work, in three times the time: build/optimized/tocsin (the image)
	@tools/setup build
	@tools/build-optimized

test: ## Everything: packages, the pinned broker, a sanitizer build, all tests but `make campaign`
	@tools/setup build test
	@tools/run-tests dev --label-exclude campaign

demo: ## An account takeover turns into a notice and a ticket, before your eyes
	@tools/setup build demo
	@tools/build release
	@tools/demo

bench: ## Nanoseconds of each stage, then events per second end to end
	@tools/setup build bench
	@tools/run-benchmarks

quality: ## How good the detectors are, on generated populations: docs/detection-quality.md
	@tools/setup build test
	@tools/run-quality

lint: ## Formatting, clang-tidy, scripts (the first time half an hour; then only what changed)
	@tools/setup build test bench lint
	@tools/lint

format: ## Rewrite the sources in the house's format
	@tools/setup lint
	@tools/lint --fix-format

dev: ## Build with sanitizers, without running anything
	@tools/setup build test
	@tools/build dev

# librdkafka makes its threads with C11's thrd_create, which the sanitizer of GCC 12 does not know and dies in.
tsan: ## All tests without a Kafka client, under the thread sanitizer
	@tools/setup build test
	@tools/run-tests tsan --label-exclude 'integration|fuzz|campaign' --exclude-regex '^daemon.KafkaLog$$'

fuzz: ## Every fuzz target for a minute (FUZZ_SECONDS=60), with clang's libFuzzer
	@tools/setup build fuzz
	@tools/run-fuzzers

coverage: ## Line coverage of the unit, golden and property tests
	@tools/setup build test coverage
	@tools/run-coverage

simulate: ## The commit protocol in SEEDS=10000 simulated worlds from FIRST=1; TRACE=seed prints one
	@tools/setup build test
	@tools/simulate "$(or $(SEEDS),10000)" "$(or $(FIRST),1)" "$(TRACE)"

campaign: ## Short campaigns of real processes and brokers under faults
	@tools/setup build test
	@tools/run-tests dev --label-regex campaign

soak: ## Real processes and brokers, something killed every few seconds, for MINUTES=10; a report
	@tools/setup build test
	@tools/build campaign
	@tests/campaign/soak.py --minutes $(or $(MINUTES),10) --seed $(or $(SEED),1)

clean: ## Remove the build folder; downloads stay in the cache
	rm -rf build
