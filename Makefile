# Two commands matter to a newcomer: `make demo` and `make test`. Everything they need they fetch themselves.

SHELL := /bin/bash
N ?= 50
CARGO ?= cargo
RELEASE_BIN := target/release/saola

.PHONY: demo test setup web build release fmt lint tidy deny unit browser scores bench bench-packets bench-sigma soak-kill soak-intake soak-kill-short live live-short clean

demo: setup web build ## build everything and open the console on recorded attacks
	$(RELEASE_BIN) demo

test: setup web lint tidy deny unit build browser live-short soak-kill-short ## every check there is
	@echo "all checks passed"

setup: ## Debian packages (as root), npm packages; says what it does and what it cannot do
	@setup/system
	@setup/web

web/dist/index.html: web/package-lock.json $(shell find web/src web/index.html web/public -type f 2>/dev/null)
	cd web && npm run build

web: web/dist/index.html ## the console's static files

build: web ## the release binary with the console inside
	$(CARGO) build --release --locked --features console

release: web ## what ships: one optimised binary
	setup/release

soak-kill-short: build
	tests/soak/kill --rounds 5

live: build ## serve on a live network of namespaces: all attacks by their real tools, ordinary users, real senders (root)
	tests/live/run

live-short: build ## the same with the quick attacks, without ordinary users: about a minute
	tests/live/run --short

fmt:
	$(CARGO) fmt --all
	cd web && npm run format

lint: web
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --locked --workspace --all-targets --features console -- -D warnings
	cd web && npm run lint && npm run typecheck && npm run api:check

tidy: ## sizes, edges between crates and modules, documentation
	$(CARGO) test --locked --test it tidy

deny: ## licences, advisories, duplicate crates
	@setup/deny

unit: web
	$(CARGO) test --locked --workspace --features console
	cd web && npm test

browser: build ## the console in a real browser against the real binary
	tests/run/browser

scores: build ## the public case collections, where they are beside the checkout
	tests/run/scores

bench: bench-packets bench-sigma

bench-packets: build
	benches/packets

bench-sigma: build
	benches/sigma

soak-kill: build ## kill -9 the daemon N times under load and compare with an oracle
	tests/soak/kill --rounds $(N)

soak-intake: build ## N messages by rsyslog over TCP, TLS, RELP, HTTP while the receiver is killed KILLS times
	tests/soak/intake --count $(if $(filter command line environment,$(origin N)),$(N),1000000) --kills $(or $(KILLS),6)

clean:
	$(CARGO) clean
	rm -rf web/dist web/node_modules
