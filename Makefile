# make         builds husk and husk-enforce into bin/
# make demo    shows real npm and curl in the sandbox, in a throw-away directory
# make test    checks and tests everything, as who runs it (root has more tests)
# make escape  tries to get out of the sandbox, and out of others
# make bench   compares start-up times, pair by pair, the response beside a fork bomb, the cost of filters and of relayed connections
# make fmt     formats the Go and HCL sources

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# Static, so that nothing in a caller's environment is loaded into the enforcer;
# without paths and version control stamps, so that two builds are alike.
# What the linker wrote lies in the page cache page by page; a copy of it lies there in
# larger pieces, as an installed program does, and starts 4 percent faster.
GOBUILD := CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.release=$(VERSION)"

SCRIPTS := .ci/run testscripts/demo/demo.sh nix/install.sh

.PHONY: build demo test lint bench escape fmt clean

build:
	$(GOBUILD) -o bin/ ./cmd/husk ./cmd/husk-enforce
	@for b in husk husk-enforce; do cp bin/$$b bin/$$b.new && mv bin/$$b.new bin/$$b; done

demo: build
	sh testscripts/demo/demo.sh bin

test: lint
	go test -timeout 30m -count=1 ./...

lint:
	go vet ./...
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted: $$unformatted" >&2; exit 1; }
	go tool staticcheck ./...
	@if command -v shellcheck >/dev/null; then shellcheck $(SCRIPTS); \
	else echo "shellcheck is not installed: the shell scripts are not checked" >&2; fi

bench: build
	go run ./testscripts/bench -bin bin
	go run ./testscripts/bench -bin bin -bomb
	go run ./testscripts/bench/filters
	go test -run '^$$' -bench 'Throughput|Connection' -benchtime 1000x ./enforce/network/relay
	go test -run '^$$' -v -bench Idle -benchtime 1x ./enforce/network/relay

escape: build
	go run ./testscripts/escape -bin bin

fmt: build
	gofmt -w .
	bin/husk fmt hcl/library/*.hcl

clean:
	rm -rf bin
