# Viaduc's habits. "make test" is what CI runs; it installs by itself what it needs.

GO      ?= go
PKGS    := ./cmd/... ./internal/... ./bench/...
SHARED  ?= ../shared
export VIADUC_SHARED := $(SHARED)

.PHONY: help dev build check test test-tools vet audit bench e2e fuzz schema lint shots

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

dev: ## the example territory on http://127.0.0.1:8080
	$(GO) run ./cmd/viaduc demo

build: ## one static binary, ./viaduc
	CGO_ENABLED=0 $(GO) build -trimpath -o viaduc ./cmd/viaduc

vet:
	@test -z "$$(gofmt -l cmd internal e2e bench)" || { gofmt -l cmd internal e2e bench; echo "gofmt -w these files"; exit 1; }
	$(GO) vet ./...

check: vet ## quick: formatting, vet, tests on SQLite alone
	VIADUC_TEST_ENGINES=sqlite $(GO) test $(PKGS)

test-tools:
	@bash scripts/install-test-tools.sh

test: test-tools vet ## all: both engines, race detector, browser journeys, page audit
	$(GO) mod verify
	CGO_ENABLED=0 $(GO) build -trimpath -o $${TMPDIR:-/tmp}/viaduc-test-build ./cmd/viaduc
	$(GO) test -race -timeout 60m $(PKGS)
	$(GO) test -run '^$$' -bench . -benchtime 1x ./internal/...
	$(GO) test -timeout 40m -p 1 ./e2e/...

e2e: test-tools ## browser journeys and the page audit
	$(GO) test -timeout 40m -p 1 ./e2e/...

audit: test-tools ## full page audit with Lighthouse medians, on the real census
	bash scripts/audit.sh

bench: ## the figures of docs/performance.md, as ratios beside honest peers, in under five minutes
	@bash scripts/install-test-tools.sh bench
	$(GO) run ./bench

fuzz: ## every fuzzer, one minute each
	@for target in $$(grep -rlE '^func Fuzz' --include='*_test.go' internal); do \
	  dir=$$(dirname $$target); \
	  for f in $$(grep -hoE '^func Fuzz[A-Za-z]+' $$target | sed 's/func //'); do \
	    echo "$$dir $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 60s -fuzzminimizetime 20x ./$$dir || exit 1; \
	  done; done

schema: ## rewrite the snapshots of the schema, the checksums of the migrations, the page of rights
	VIADUC_UPDATE=1 $(GO) test -run 'TestSnapshots|TestMigrations|TestRightsAreDocumented' ./internal/schema ./internal/identity

lint: ## golangci-lint, pinned in tools.mod
	$(GO) tool -modfile=tools.mod golangci-lint run
