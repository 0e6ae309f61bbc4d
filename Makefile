# Dockshala. `make learn` opens the course, `make test` tests everything; `make help` lists the rest.
# Each target does the set-up it needs (it asks before it installs anything; CI=true or YES=1 means yes) and may be run twice.
.PHONY: help learn test test-book test-engines test-registry record fresh-clone-test bench fuzz soak deny advisories dist check-windows clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26

learn: ## build the program and open the course
	@scripts/learn

test: ## run every test: format, lints, dependencies, unit, screen and daemon tests, the course itself
	@scripts/test

test-book: ## the HTML book in a real Chromium: phone and wide, both languages, from files
	@scripts/test-book

test-engines: ## daemon tests and all specimens on Engine 20.10, 26.1 and 26.1 with the containerd store (ENGINES=, one of them)
	@scripts/test-engines $(ENGINES)

test-registry: ## the course on the real base images, where a registry answers
	@scripts/test-registry

record: ## evidence of every specimen from the daemon at DOCKER_HOST, for the goals' tests (ARGS=--compare writes nothing)
	@cargo run -q --example record -- $(ARGS)

fresh-clone-test: ## run .ci/run in a fresh clone of HEAD
	@scripts/fresh-clone-test

bench: ## how long a learner waits, beside baselines of the same run; fails past the bounds
	@scripts/bench

fuzz: ## fuzz archives, Dockerfiles, .dockerignore, logs, goals, answers and bundles (MINUTES=20 each, TARGETS=all)
	@scripts/fuzz $(or $(MINUTES),20) $(TARGETS)

soak: ## ten minutes of random keys and window sizes: no panic, no broken screen (MINUTES=10 SEED=)
	@scripts/soak $(or $(MINUTES),10) $(SEED)

deny: ## licences, bans and sources of the dependencies
	@scripts/deny bans licenses sources

advisories: ## known vulnerabilities of the dependencies (needs the network)
	@scripts/deny advisories

dist: ## static Linux binaries with completions, man pages and checksums, in dist/
	@scripts/dist

check-windows: ## does it compile for Windows?
	@scripts/check-windows

clean: ## remove what was built (not the test engines: scripts/engine clean)
	cargo clean
	rm -rf dist
