# The verbs of this repository. `make demo` and `make test` are all that a newcomer needs.

.PHONY: demo test test-sanitize test-browser fuzz soak soak-slurm build install uninstall manual package docs format lint clean packages
.DEFAULT_GOAL := build

PREFIX ?= $(HOME)/.local
export LC_ALL := C
# SwiftPM caches the manifest by its text and the environment; a new script in stages/ changes neither. The
# runner sets these variables likewise (SwiftPMBuilder.swift). If they differed, the manifest would be read
# once more, and nothing would be built again.
export WORK_STAGES := $(shell grep '^import ' stages/*.swift /dev/null | sha256sum | cut -c1-16)
# Nor does a library that was installed since; not `:=`, for the same make may just have installed it.
export WORK_ONEDNN = $(shell cat "$(or $(ONEDNN_ROOT),/usr)/include/oneapi/dnnl/dnnl_version.h" \
	2>/dev/null | sha256sum | cut -c1-16)

# The same for the libraries of picture formats; the versions are in these headers.
export WORK_PICTURES = $(shell cat $(foreach folder,include include/x86_64-linux-gnu include/aarch64-linux-gnu,\
	$(foreach header,jpeglib.h jconfig.h tiffio.h tiffvers.h gif_lib.h,/usr/$(folder)/$(header))) \
	2>/dev/null | sha256sum | cut -c1-16)

SWIFT_BUILD := swift build -c release
MANUAL := .build/plugins/GenerateManual/outputs/work/work.1
# The modules that the author of a stage imports.
DOCUMENTED := Workbench Notebook Datasets Imaging Segmentation Inference Analysis
APT_PACKAGES := libcurl4-openssl-dev libssl-dev libpng-dev libopenblas-dev libarchive-dev libcmark-dev zlib1g-dev \
	pkg-config
# The engine does without oneDNN, and is faster with it on processors with AMX; without the others, a format
# of pictures isn't read.
OPTIONAL_PACKAGES := libjpeg-dev libtiff-dev libgif-dev $(if $(ONEDNN_ROOT),,$(if $(filter x86_64,$(shell uname -m)),libdnnl-dev))

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

# Fuzzes every decoder of bytes from outside: `make fuzz MINUTES=30`, or TARGETS="png zip" alone. Not built by anything else.
MINUTES ?= 30
fuzz: packages
	sh Scripts/fuzz.sh $(MINUTES) $(TARGETS)

# The tests with a sanitizer in all that is compiled: `make test-sanitize`, or SANITIZER=thread. Each has a build folder of
# its own.
SANITIZER ?= address
test-sanitize: packages
	sh Scripts/test-sanitize.sh $(SANITIZER)

# Presses what the live page of a real training has, in Chromium. Needs chromium-driver.
test-browser: build
	Scripts/browser-test.py

# Kills `work run all` at random moments, and fills its disk, and runs it again.
soak: build
	Scripts/kill-soak.py --minutes $(MINUTES)
	Scripts/kill-soak.py --minutes $(MINUTES) --full-disk

# Runs a pipeline by jobs on a Slurm cluster of two nodes on this machine, and disturbs it (docs/clusters.md).
soak-slurm: build
	Scripts/slurm-soak.py --minutes $(MINUTES)

build: packages
	@sh Scripts/check-build-folder.sh
	$(SWIFT_BUILD)

# Installs the system libraries that are missing, and says which.
packages:
	@sh Scripts/install-packages.sh $(APT_PACKAGES) --optional $(OPTIONAL_PACKAGES)

# Puts the command, its completions for bash, zsh and fish, and its manual below PREFIX.
install: manual
	sh Scripts/install-command.sh .build/release/work $(MANUAL) "$(DESTDIR)$(PREFIX)"
	@echo "installed $(DESTDIR)$(PREFIX)/bin/work"
	@case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo "add $(PREFIX)/bin to your PATH";; esac

uninstall:
	rm -f $(foreach file,bin/work share/man/man1/work.1 share/bash-completion/completions/work \
		share/zsh/site-functions/_work share/fish/vendor_completions.d/work.fish,"$(DESTDIR)$(PREFIX)/$(file)")

# The manual, made of the command's own help by argument-parser's plugin.
manual: build
	swift package generate-manual --date $(shell git log -1 --format=%cs 2>/dev/null || date +%F)

# A Debian package of the command, with Swift's runtime linked in: .build/package/work_VERSION_ARCHITECTURE.deb
package: manual
	swift build -c release --static-swift-stdlib --product work --scratch-path .build/package-build
	sh Scripts/package-deb.sh .build/package-build/release/work $(MANUAL) .build/package

# The documentation of the modules that stages import, as web pages in .build/docs.
docs: packages
	sh Scripts/make-docs.sh .build/docs $(DOCUMENTED)

format:
	swift format --in-place --parallel --recursive Package.swift Fuzz Sources Tests stages

lint:
	swift format lint --strict --parallel --recursive Package.swift Fuzz Sources Tests stages

clean:
	rm -rf .build
