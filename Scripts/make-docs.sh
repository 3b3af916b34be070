#!/bin/sh
# Makes the documentation of modules as web pages, with links between them.
#   make-docs.sh FOLDER MODULE...
# WORK_DOCS adds swift-docc-plugin to Package.swift. It builds in a folder of its own, so that the usual
# build never sees another package.
set -eu
folder=$1
shift
targets=""
for module in "$@"; do targets="$targets --target $module"; done
rm -rf "$folder"
mkdir -p "$folder"
export WORK_DOCS=1
# shellcheck disable=SC2086
swift package --scratch-path .build/docs-build --allow-writing-to-directory "$folder" \
  generate-documentation $targets --enable-experimental-combined-documentation \
  --transform-for-static-hosting --output-path "$folder"
echo "to read it: python3 -m http.server --directory $folder, then http://localhost:8000/documentation"
