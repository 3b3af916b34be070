#!/bin/sh
# Builds everything with a sanitizer, in a build folder of its own, and runs the tests under it.
#
#   sh Scripts/test-sanitize.sh address|thread [FILTER…]
#
# FILTERs are as `swift test` has them; without them, the modules below. Not run are
#   EndToEndTests   they start the programs of .build/release, which have no sanitizer
#   StructureTests  they read the sources as text, and the same without a sanitizer
# and of those with a clock or a build in them, by name:
#   BuilderTests, BuildFolderTests   they start `swift build`, whose lock this run holds
# The thread sanitizer is ten times slower; it runs over the modules with threads of their own.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
sanitizer=${1:-address}
[ $# -eq 0 ] || shift
case $sanitizer in
address) modules="Analysis Archive Basics Datasets Imaging Kaggle Notebook Pipeline Rendering Scores Scripts Storage \
Survey ToolReports Transfer Weights Workbench Neural Segmentation Inference" ;;
thread) modules="Pipeline Neural Workbench Datasets Transfer" ;;
*)
  echo "error: the sanitizers are address and thread, not $sanitizer" >&2
  exit 2
  ;;
esac
[ $# -gt 0 ] || for module in $modules; do set -- "$@" "${module}Tests"; done

set -- $(for filter in "$@"; do printf -- '--filter %s ' "$filter"; done)
folder=.build/$sanitizer
swift build -c release --build-tests --disable-xctest --sanitize "$sanitizer" --scratch-path "$folder"
# Leaks are not looked for: Foundation has some of its own.
ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS="halt_on_error=0:exitcode=66:suppressions=$PWD/Scripts/thread-sanitizer.txt" \
  swift test -c release --disable-xctest --skip-build --sanitize "$sanitizer" --scratch-path "$folder" \
  --skip BuilderTests --skip BuildFolderTests "$@"
