# Everything that a person or CI does with a checkout. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help build install package demo test fast format tidy bench install-deps clean

export CCACHE_NOHASHDIR := 1
export CCACHE_BASEDIR := $(CURDIR)

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1@\2/p' $(MAKEFILE_LIST) | \
	  while IFS=@ read -r target text; do printf '  %-18s %s\n' "$$target" "$$text"; done

build: ## build the programs into build/release/bin, installing what that needs
	scripts/install-deps build
	cmake --preset release
	cmake --build --preset release

install: ## install what `make build` has built, with manual pages and completion (PREFIX=/usr/local)
	cmake --install build/release --prefix $(or $(PREFIX),/usr/local)

package: ## build Debian packages and the Python wheel into build/packages
	scripts/install-deps package
	packaging/build

demo: ## install, build, and run a two-step flow over real texts from start to end
	scripts/install-deps demo
	cmake --preset release
	cmake --build --preset release --target coordinated coordinate
	demo/run

test: ## install, build, and run every test (CI runs this)
	scripts/install-deps test
	scripts/run-tests

fast: ## build, and run only the fast tests
	cmake --preset dev
	cmake --build --preset dev
	ctest --preset fast

format: ## format the C++ sources in place
	scripts/cpp-files | xargs -0 clang-format-14 -i

tidy: ## clang-tidy on the C++ sources that differ from origin/main (FILES=all: on all)
	cmake --preset dev
	scripts/run-tidy $(FILES)

bench: ## measure this daemon beside an echo server, beanstalkd and redis
	scripts/install-deps bench
	cmake --preset bench
	cmake --build --preset bench
	bench/compare

install-deps: ## install what building and testing need
	scripts/install-deps build test

clean: ## remove all that was built
	rm -rf build
