# The verbs of this repository. `make demo` and `make test` are all that a newcomer needs.

.PHONY: demo test build install format lint clean packages
.DEFAULT_GOAL := build

PREFIX ?= $(HOME)/.local
export LC_ALL := C
# SwiftPM caches the manifest by its text and the environment; a new script in stages/ changes neither.
export WORK_STAGES := $(shell grep '^import ' stages/*.swift /dev/null | sha256sum | cut -c1-16)
# Nor does a library that was installed since; not `:=`, for the same make may just have installed it.
export WORK_ONEDNN = $(shell cat "$(or $(ONEDNN_ROOT),/usr)/include/oneapi/dnnl/dnnl_version.h" \
	2>/dev/null | sha256sum | cut -c1-16)

SWIFT_BUILD := swift build -c release
APT_PACKAGES := libcurl4-openssl-dev libssl-dev libpng-dev libopenblas-dev libarchive-dev libcmark-dev pkg-config
# The engine does without it, and is faster with it on processors with AMX.
OPTIONAL_PACKAGES := $(if $(ONEDNN_ROOT),,$(if $(filter x86_64,$(shell uname -m)),libdnnl-dev))

# Sets up, builds, and runs the whole pipeline on the built-in synthetic competition.
demo: build
	.build/release/work demo

# Installs, builds, tests. The stages are built ahead: SwiftPM holds its lock while tests run, so the
# runner inside a test could not build them.
test: packages
	@sh Scripts/check-build-folder.sh
	$(SWIFT_BUILD) --build-tests --disable-xctest
	.build/release/work build
	swift test -c release --disable-xctest --skip-build

build: packages
	@sh Scripts/check-build-folder.sh
	$(SWIFT_BUILD)

# Installs the system libraries that are missing, and says which.
packages:
	@sh Scripts/install-packages.sh $(APT_PACKAGES) --optional $(OPTIONAL_PACKAGES)

# Puts the command at PREFIX/bin/work.
install: build
	install -d "$(PREFIX)/bin"
	install -m 755 .build/release/work "$(PREFIX)/bin/work"
	@echo "installed $(PREFIX)/bin/work"
	@case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo "add $(PREFIX)/bin to your PATH";; esac

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests stages

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests stages

clean:
	rm -rf .build
