# A thin front to CMake: each mode has its own folder under build/. Every target that builds first installs what is missing.
#   make demo test              the two commands of the README
#   make test CMAKE_OPTIONS=-DXMR_WERROR=ON TEST_OPTIONS="-R io"

JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
CMAKE_OPTIONS ?=
TEST_OPTIONS ?=
BENCH_OPTIONS ?=
TORTURE_SECONDS ?= 60
launcher := $(if $(shell command -v ccache),-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
# The progress of a build: objects done, objects in all, seconds.
export NINJA_STATUS ?= [%f of %t objects, %e s] 
configure = cmake -S . -B $@ -G Ninja --log-level=WARNING $(launcher) $(CMAKE_OPTIONS)
sources = find lib tools tests -name '*.hpp' -o -name '*.cpp'

help:
	@echo "make demo          build, then the whole main job on data/ with example queries"
	@echo "make complete-demo build, learn to complete queries from a log in data/, then try it in the terminal"
	@echo "make serve-demo    build, make models from data/, then serve them with a page to try them in a browser"
	@echo "make build         the tools, in build/release/bin"
	@echo "make test          build and run every test"
	@echo "make asan          unit tests under AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make tsan          tests of threaded code under ThreadSanitizer"
	@echo "make torture       fuzz every reader with clang, TORTURE_SECONDS each (default 60); then kills, faults, odd arguments, forged files, hostile requests"
	@echo "make cluster-test  the chain of scripts/ through a real Slurm and GNU parallel, tasks killed at random (root)"
	@echo "make seeded-bugs   put 20 bugs into a copy of the sources, one by one: do the tests notice?"
	@echo "make coverage      lines and branches that the tests run, by module (needs gcovr)"
	@echo "make tidy          clang-tidy over lib, tools and tests (slow)"
	@echo "make format        clang-format over all sources; check-format only looks"
	@echo "make check         the fast checks: format, headers, layers, documentation"
	@echo "make bench         measure the tools and their peers; BENCH_OPTIONS=--quick: each step once"
	@echo "make install       into PREFIX (default /usr/local): tools, manual, completion, library"
	@echo "make package       the same as a Debian package, in build/release"
	@echo "make clean         remove build/"

setup:
	@scripts/setup-debian.sh

# Folders of the modes, configured each time, so that new options count.
build/release: setup
	@$(configure) -DCMAKE_BUILD_TYPE=Release
build/asan: setup
	@$(configure) -DCMAKE_BUILD_TYPE=None -DXMR_SANITIZE=address,undefined
build/tsan: setup
	@$(configure) -DCMAKE_BUILD_TYPE=None -DXMR_SANITIZE=thread

build: build/release
	@cmake --build $< -j $(JOBS) --target tools

# Compiles only the tools that the demo runs.
demo: build/release
	@echo "1 of 2: compiling the tools; 2 of 2: the demo"
	@cmake --build $< -j $(JOBS) --target xmr-featurize xmr-index xmr-train xmr-predict xmr-eval
	@scripts/demo.sh build/release/bin

complete-demo: build
	@scripts/complete_demo.sh build/release/bin

serve-demo: build
	@scripts/serve_demo.sh build/release/bin

test: build/release
	@echo "1 of 2: compiling tools and tests; 2 of 2: the tests"
	@cmake --build $< -j $(JOBS)
	@ctest --test-dir $< -j $(JOBS) --output-on-failure --no-tests=error $(TEST_OPTIONS)

asan: build/asan
	@cmake --build $< -j $(JOBS) --target unit_tests fuzzers
	@ctest --test-dir $< -j $(JOBS) --output-on-failure --no-tests=error -LE cli $(TEST_OPTIONS)

tsan: build/tsan
	@cmake --build $< -j $(JOBS) --target thread_tests
	@ctest --test-dir $< -j $(JOBS) --output-on-failure --no-tests=error -L threads $(TEST_OPTIONS)

build/fuzz: setup
	@command -v clang++ > /dev/null || { echo "libFuzzer comes with clang: apt-get install clang" >&2; exit 1; }
	@CC=clang CXX=clang++ $(configure) -DCMAKE_BUILD_TYPE=None -DXMR_SANITIZE=address,undefined,fuzzer-no-link

torture: build/fuzz build
	@cmake --build $< -j $(JOBS) --target fuzzers
	@tests/torture/fuzz.sh $</bin $(TORTURE_SECONDS)
	@tests/torture/kills.py build/release/bin
	@tests/torture/faults.py build/release/bin 40 $(TORTURE_SECONDS)
	@tests/torture/arguments.py build/release/bin $(TORTURE_SECONDS)
	@tests/torture/forged.py build/release/bin $(TORTURE_SECONDS)
	@tests/torture/requests.py build/release/bin $(TORTURE_SECONDS)

cluster-test: build
	@tests/cluster/run.sh build/release/bin

seeded-bugs: setup
	@CMAKE_OPTIONS="$(CMAKE_OPTIONS)" tests/torture/seeded_bugs.py

build/coverage: setup
	@command -v gcovr > /dev/null || { echo "coverage is summed up by gcovr: apt-get install gcovr" >&2; exit 1; }
	@$(configure) -DCMAKE_BUILD_TYPE=Release -DXMR_COVERAGE=ON

coverage: build/coverage
	@cmake --build $< -j $(JOBS) >&2
	@find $< -name '*.gcda' -delete
	@GCOV_ERROR_FILE=/dev/null ctest --test-dir $< -j $(JOBS) --output-on-failure --no-tests=error -E '^(fuzz:|cli:install|cli:package)' $(TEST_OPTIONS) >&2
	@tests/torture/coverage.py $< --uncovered

build/tidy: setup
	@$(configure) -DCMAKE_BUILD_TYPE=Release -DXMR_UNITY=OFF

tidy: build/tidy
	@cmake --build $< -j $(JOBS)
	@run-clang-tidy -quiet -p $< -j $(JOBS) '^$(CURDIR)/(lib|tools|tests)/'

format: setup
	@$(sources) | xargs clang-format -i

check-format: setup
	@$(sources) | xargs clang-format --dry-run --Werror

check: check-format build
	@cmake --build build/release -j $(JOBS) --target headers
	@scripts/check_layers
	@scripts/check_docs build/release/bin
	@tests/torture/seeded_bugs.py fit

bench: build
	@cmake --build build/release -j $(JOBS) --target one_vs_rest
	@tests/bench/bench.py --tools build/release/bin $(BENCH_OPTIONS)

install: build
	@cmake --install build/release --prefix $(PREFIX)

package: build
	@scripts/setup-debian.sh file dpkg-dev
	@cd build/release && cpack

clean:
	rm -rf build

.PHONY: help setup build demo complete-demo serve-demo test asan tsan torture seeded-bugs coverage cluster-test tidy format check-format check bench install package clean \
  build/release build/asan build/tsan build/fuzz build/tidy build/coverage
