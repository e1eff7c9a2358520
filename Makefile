# What a contributor types. Every target does its own set-up; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test bench lint images build clean prerequisites test-tools

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

# Published programs are made again only when something they are made of has changed.
files_of = $(shell find $(1) \( -name bin -o -name obj -o -name TestResults \) -prune -o -type f -print)
settings := $(wildcard Directory.*.props Directory.*.targets) global.json .editorconfig eng/BannedSymbols.txt eng/publish.sh
agent_sources := $(call files_of,agent proto yaml) $(settings)
webhook_sources := $(call files_of,webhook yaml) $(settings)
program_sources := $(call files_of,broker webhook ctl yaml proto examples) $(settings)
published := out/.agent out/.webhook out/.programs

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(published) ## the main job on this machine, no cluster needed; KEEP=1 leaves it running
	@out/quickstart/quickstart $(if $(KEEP),--keep)

test: test-tools build ## every test, on the programs as they are shipped
	@eng/test.sh

bench: build ## measures what the product promises, beside its targets; LONG=1: an agent's ten minutes
	@dotnet run --project tests/Benchmarks --configuration Release --no-build $(if $(LONG),-- long)

lint: prerequisites ## formatting, style and analyzers, changing nothing
	dotnet restore SidecarAgent.sln --verbosity quiet
	dotnet format SidecarAgent.sln --no-restore --verify-no-changes
	dotnet build SidecarAgent.sln --configuration Release --no-restore --verbosity quiet

images: $(published) ## the three container images, with podman or docker, and their sizes
	@eng/images.sh

build: $(published) ## everything, with warnings as errors; programs land in out/
	dotnet build SidecarAgent.sln --configuration Release --verbosity quiet

clean: ## removes what was built
	rm -rf out
	find . \( -name bin -o -name obj -o -name TestResults \) -type d -not -path './.git/*' -prune -exec rm -rf {} +

prerequisites:
	@eng/prerequisites.sh

test-tools:
	@eng/prerequisites.sh tests

out/.agent: $(agent_sources) | prerequisites
	@eng/publish.sh agent
	@touch $@

out/.webhook: $(webhook_sources) | prerequisites
	@eng/publish.sh webhook
	@touch $@

out/.programs: $(program_sources) | prerequisites
	@eng/publish.sh broker ctl examples/orders examples/quickstart
	@touch $@
