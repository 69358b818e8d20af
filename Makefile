# The doors of the house. A newcomer needs two: make run, make test.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PORT ?=
MQTT_PORT ?=
DATA ?= ./data
DEMO_ARGS = $(if $(PORT),--port $(PORT)) $(if $(MQTT_PORT),--mqtt-port $(MQTT_PORT)) --data $(DATA)

WEB_SOURCES := $(shell find web-map -path web-map/node_modules -prune -o -path web-map/dist -prune -o -type f -print 2>/dev/null)

.PHONY: help run demo build test test-fast test-long test-rust test-web fuzz bench bench-peers check advisories tools-run tools-test clean

help: ## list the doors
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: tools-run web-map/dist/index.html ## start the demo city on http://127.0.0.1:8080
	cargo build --release --locked -p misto
	./target/release/misto demo $(DEMO_ARGS)

demo: run

build: tools-run web-map/dist/index.html ## build web map and server
	cargo build --release --locked -p misto

web-map/node_modules/.package-lock.json: web-map/package-lock.json
	npm --prefix web-map ci --no-audit --no-fund
	@touch $@

web-map/dist/index.html: web-map/node_modules/.package-lock.json $(WEB_SOURCES)
	npm --prefix web-map run build
	@touch $@

tools-run:
	@scripts/tools run

tools-test:
	@scripts/tools test

test: tools-test test-web test-rust ## everything: rules, stores, web map, stories over the real program

# One selection of crates and targets for building and testing, so that nothing is compiled twice.
WORKSPACE := --locked --workspace --tests --bins

test-rust: web-map/dist/index.html
	cargo build $(WORKSPACE)
	cargo test $(WORKSPACE)

test-web: web-map/node_modules/.package-lock.json
	npm --prefix web-map run check
	npm --prefix web-map test

test-fast: ## the inner loop: rules beside the code, no servers
	cargo test --locked -p misto-model -p misto-city -p misto-tiles
	cargo test --locked -p misto-ingest -p misto-store --lib

test-long: tools-test web-map/dist/index.html ## more repetitions of faults and random input
	cargo build $(WORKSPACE)
	MISTO_FAULT_ROUNDS=20 MISTO_FAULT_PAUSE_S=30 PROPTEST_CASES=20000 cargo test $(WORKSPACE)

FUZZ_SECONDS ?= 60

fuzz: ## random input guided by coverage, FUZZ_SECONDS a target; needs nightly Rust and cargo-fuzz
	cargo +nightly fuzz run seeds
	for target in $$(cargo fuzz list | grep -v '^seeds$$'); do \
	  cargo +nightly fuzz run $$target -- -max_total_time=$(FUZZ_SECONDS) -max_len=4096 \
	    -malloc_limit_mb=512 -rss_limit_mb=2048 -timeout=10 || exit 1; \
	done

# One part with its numbers: make bench BENCH="latency --rates 5000 --listeners 100"
bench: tools-test web-map/dist/index.html ## side by side with peers, ratios
	cargo build --release --locked -p misto
	cargo bench --locked -p misto-tiles
	cargo bench --locked -p misto-city --bench fleet
	cargo bench --locked -p misto-city --bench access
	cargo bench --locked -p misto-city --bench predictions
	cargo run --release --locked -p misto-tests --bin bench -- $(BENCH)

bench-peers: tools-test web-map/dist/index.html ## beside Martin, tipg, pygeoapi and PostGIS over one city; MARTIN, TIPG, PYGEOAPI name them
	cargo build --release --locked -p misto
	cargo run --release --locked -p misto-tests --bin bench-peers

check: ## format, lints, licences and sources of dependencies, web lint
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	@if command -v cargo-deny >/dev/null; then cargo deny --offline --locked check bans licenses sources; \
	else echo "cargo-deny is not installed (cargo install --locked cargo-deny): bans, licences and sources were not checked"; fi
	npm --prefix web-map run lint

advisories: ## known vulnerabilities of dependencies; needs the advisory database
	cargo deny check advisories

clean:
	cargo clean
	rm -rf web-map/dist web-map/node_modules
