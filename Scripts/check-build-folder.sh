#!/bin/sh
# Notices that the build folder was made in another place or by another Swift, and clears what of it the
# compiler can't use. Without this, every stage of a checkout that was copied or renamed fails with "missing
# required module 'SwiftShims'", since the compiler's module cache knows its own absolute path.
#
#   sh Scripts/check-build-folder.sh [ROOT [SWIFT]]
#
# ROOT is the package's folder (by default the current one), SWIFT the `swift` command. Called before each
# build by `make` and by `work`. Says in one line what it did, and nothing where all is well. Nothing but
# build products goes; programs that are built stay until they are built anew.
set -eu
export LC_ALL=C

root=$(cd "${1:-.}" && pwd -P)
build=$root/.build
stamp=$build/work-built-at
version=$("${2:-swift}" --version 2>/dev/null | sed -n 1p) || version=

# Removes what is named so among what is compiled, in .build/TRIPLE/CONFIGURATION and where `make package`
# builds.
remove() {
  find "$build"/*-*-*/*/ "$build"/package-build/*-*-*/*/ -maxdepth 1 \( "$@" \) -exec rm -rf {} + \
    2>/dev/null || true
}

# Where the folder was made, and by which Swift; empty where that isn't known.
place=
made=
if [ -f "$stamp" ]; then
  place=$(sed -n 1p "$stamp")
  made=$(sed -n 2p "$stamp")
elif [ -d "$build" ]; then
  # Built before there was a stamp, or by hand. The compiler's lists of dependencies begin with the path of
  # what was built, in which blanks have a backslash.
  own=$(printf '%s' "$root/" | sed 's/ /\\ /g')
  place=$(grep -rLFZ --include='*.d' -e "$own" "$build"/*-*-*/*/*.build 2>/dev/null \
    | xargs -0 -r sed -s -n '1{/^\/.*\/\.build\//{s|/\.build/.*||;s/\\ / /g;p;};}' | sed -n 1p) || place=
  made=$(cat "$build"/*-*-*/*/swift-version-*.txt 2>/dev/null | sed -n 1p) || made=
fi

if [ -n "$place" ] && [ "$place" != "$root" ]; then
  remove -name ModuleCache
  echo "note: .build was made in $place; the compiler's cache in it is cleared, and all is compiled anew"
fi
if [ -n "$made" ] && [ -n "$version" ] && [ "$made" != "$version" ]; then
  remove -name ModuleCache -o -name Modules -o -name '*.build'
  echo "note: .build was made by $made; what it had compiled is cleared, and all is compiled anew"
fi

# A folder that may not be written to can't be built in, either; that is the build's to say.
mkdir -p "$build" 2>/dev/null || exit 0
printf '%s\n%s\n' "$root" "${version:-$made}" > "$stamp.new" 2>/dev/null && mv -f "$stamp.new" "$stamp" || true
