#!/bin/sh
# Fuzzes every decoder of bytes from outside, with libFuzzer and the address sanitizer, one target after the other.
#
#   sh Scripts/fuzz.sh MINUTES [TARGET…]
#
# MINUTES are divided among the targets; without TARGETs, all of them (Fuzz/Sources/Fuzz/Targets). Both libraries come
# with Swift's toolchain; for one without them, Debian's libclang-rt-dev has them. Inputs that reached something new stay
# in .build/fuzz-corpus and are where the next call goes on; those that crash, hang or take too much memory stay in
# .build/fuzz-findings. Leaks aren't looked for: Foundation has some of its own. Ends with 1 if there are any.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."

minutes=${1:-}
case $minutes in
'' | *[!0-9]*)
  echo "error: how many minutes? For instance: make fuzz MINUTES=30" >&2
  exit 2
  ;;
esac
shift

library=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath" *: *"\(.*\)".*/\1/p')/clang/lib
find -L "$library" -name 'libclang_rt.fuzzer*' 2>/dev/null | grep -q . || {
  echo "error: this Swift has no libFuzzer (below $library); install the toolchain of swift.org, or libclang-rt-dev" >&2
  exit 1
}

# No plug-in is needed, and no backtrace of Swift's: libFuzzer says where it crashed.
export WORK_FUZZ=1 SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
nice -n 15 swift build -c release --package-path Fuzz --scratch-path .build/fuzz --product Fuzz \
  -Xswiftc -sanitize=fuzzer,address -Xswiftc -enable-testing -Xcc -fsanitize=fuzzer-no-link,address
program=$PWD/.build/fuzz/release/Fuzz

[ $# -gt 0 ] || set -- $("$program" --list)
share=$((minutes * 60 / $#))
scratch=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch
mkdir -p .build/fuzz-findings
found=0

printf '\n%-12s %12s %10s %10s\n' target inputs inputs/s findings
for target in "$@"; do
  export FUZZ_TARGET=$target
  corpus=.build/fuzz-corpus/$target
  seeds=$scratch/seeds-$target
  mkdir -p "$corpus"
  "$program" --seeds "$seeds"
  begun=$(date +%s)
  inputs=0
  findings=0
  # libFuzzer ends at each finding; then it goes on, but not for ever.
  while [ $findings -lt 10 ]; do
    left=$((share - ($(date +%s) - begun)))
    [ $left -gt 0 ] || break
    log=.build/fuzz-findings/$target.log
    status=0
    nice -n 15 "$program" -max_total_time=$left -timeout=20 -rss_limit_mb=1500 -malloc_limit_mb=700 \
      -print_final_stats=1 -artifact_prefix=".build/fuzz-findings/$target-" "$corpus" "$seeds" \
      >"$log" 2>&1 || status=$?
    some=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    inputs=$((inputs + ${some:-0}))
    find "$scratch" -mindepth 1 -maxdepth 1 -name 'work-fuzz-*' -exec rm -rf {} +
    [ $status -ne 0 ] || break
    findings=$((findings + 1))
    mv "$log" ".build/fuzz-findings/$target-$findings.log"
  done
  seconds=$(($(date +%s) - begun))
  printf '%-12s %12d %10d %10d\n' "$target" $inputs $((inputs / (seconds > 0 ? seconds : 1))) $findings
  found=$((found + findings))
done
[ $found -eq 0 ] || {
  echo
  echo "The inputs, and what libFuzzer said of them, are in .build/fuzz-findings. One by itself:"
  echo "  FUZZ_TARGET=TARGET .build/fuzz/release/Fuzz .build/fuzz-findings/FILE"
  exit 1
}
