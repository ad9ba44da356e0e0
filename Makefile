# Everything a person does here: make run, make test, make bench. What is missing on a Debian or Ubuntu gets installed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# A build server may start this with next to no environment: cargo is then still where rustup puts it.
HOME ?= $(shell getent passwd $$(id -u) | cut -d: -f6)
export HOME
export PATH := $(CURDIR)/target/node/node_modules/.bin:$(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

# npm trusts what the system trusts: an office network may have an authority of its own.
NODE_EXTRA_CA_CERTS ?= $(wildcard /etc/ssl/certs/ca-certificates.crt)
export NODE_EXTRA_CA_CERTS

TARGET := $(or $(CARGO_TARGET_DIR),target)
QUIETLY := TRIES=3 $(CURDIR)/setup/quietly.sh $(CURDIR)/target/setup.log
NPM_CI := npm ci --no-audit --no-fund
step = @printf '\n== %s\n' '$(1)'

.PHONY: help setup run assets bench test fmt house lint doc unit tiny browser deps

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: ## install what is missing to run: compilers, PostgreSQL with PostGIS, Node
	@setup/need.sh compiler solver database node

run: setup assets ## build, start the private database, load seed/, serve http://127.0.0.1:8080 (SERVE="--listen ...")
	cargo build --release
	@echo 'Silver Atlas starts; its first start makes the database. Stop it with Ctrl-C.'
	@exec $(TARGET)/release/silver-atlas serve --seed $(SERVE)

test: setup setup-browser assets fmt house lint doc unit tiny browser deps ## every check, the fast ones first
	@printf '\nall checks passed\n'

bench: setup ## the benchmarks as a table (BENCH="--quick" for a small one, "--tiny" for the smallest, BENCH="--only b2" or "--only catchment" for a part)
	cargo bench --bench national -- $(BENCH)
	cargo bench --bench planner -- $(BENCH)

# The map's npm packages and what is built of them. The folder is not there in every state of the project.
MAP := $(wildcard assets/package-lock.json)
assets: $(if $(MAP),assets/dist/.built) ## fetch the map's packages and build assets/dist
	@:

%/node_modules/.package-lock.json: %/package-lock.json | setup
	@echo "setup: packages named in $<: npm ci"
	@cd $* && $(QUIETLY) $(NPM_CI)
	@touch $@

assets/dist/.built: assets/node_modules/.package-lock.json assets/package.json $(wildcard assets/*.mjs assets/*.js assets/*.css)
	@echo 'assets: npm run build'
	@cd assets && TRIES=1 $(CURDIR)/setup/quietly.sh $(CURDIR)/target/setup.log npm run build
	@touch $@

# ---- the checks, each to be run alone ----

fmt: ## the form of the code
	$(call step,form)
	cargo fmt --check

house: ## the rules of the house: who may use whom, licences, words, places
	$(call step,the house)
	cargo test --locked --test house

lint: ## clippy, warnings are errors
	$(call step,lints)
	cargo clippy --locked --all-targets -- -D warnings

doc: ## the documentation builds without a warning
	$(call step,documentation)
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps

unit: ## all Rust tests
	$(call step,tests)
	cargo test --locked

tiny: ## the whole benchmark on a tiny registry: that every part of it works, not how fast
	$(call step,the benchmark)
	cargo test --locked --bench national -- --tiny
	cargo test --locked --bench planner -- --tiny

.PHONY: setup-browser
setup-browser:
	@setup/need.sh browser

# The program is the one that the tests have built: `cargo build` alone would build it anew, with fewer features.
BROWSER := $(wildcard tests/browser/package-lock.json)
browser: setup-browser assets $(if $(BROWSER),tests/browser/node_modules/.package-lock.json) ## the pages in a real browser
	$(call step,browser)
	@[ -n '$(BROWSER)' ] || { echo 'skipped: there are no browser tests yet'; exit 0; }; \
	chromium=$$(setup/chromium.sh) || { echo 'skipped: no Chromium here shows a page. Install one (Ubuntu: sudo snap install chromium)'; exit 0; }; \
	cargo test --locked --no-run --test whole && cd tests/browser && CHROMIUM=$$chromium SILVER_ATLAS=$(abspath $(TARGET))/debug/silver-atlas npm test

deps: ## known vulnerabilities in what the program is built of
	$(call step,dependencies)
	@setup/advisories.sh
