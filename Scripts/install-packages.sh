#!/bin/sh
# Installs those of the Debian packages given that are missing, and says so. Needs root or sudo only then.
# What follows `--optional` is tried once: without a network, or without rights that need no password, the
# build goes on without it.
set -eu

command -v swift >/dev/null 2>&1 || {
  echo "error: no \`swift\` on PATH; install Swift 6.1 or later first: https://www.swift.org/install/linux/" >&2
  exit 1
}
# Names the optional packages that could not be installed; `make clean` forgets it.
tried=.build/optional-packages-tried
missing=""
optional=""
is_optional=""
for package in "$@"; do
  if [ "$package" = --optional ]; then
    is_optional=yes
    continue
  fi
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" != installed ] || continue
  if [ -n "$is_optional" ]; then
    grep -qsx "$package" "$tried" || optional="$optional $package"
  else
    missing="$missing $package"
  fi
done

as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
if [ -n "$missing" ]; then
  echo "Installing missing system packages:$missing"
  [ -z "$as_root" ] || command -v sudo >/dev/null 2>&1 || {
    echo "error: not root and no sudo; run as root: apt-get install$missing" >&2
    exit 1
  }
  $as_root apt-get update -qq
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi
[ -n "$optional" ] || exit 0

# Only fetching is cut short: an installation that is broken off leaves a mess.
# shellcheck disable=SC2086
install_optional() {
  [ -z "$as_root" ] || sudo -n true || return 1
  [ -n "$missing" ] || timeout 60 $as_root apt-get update -qq || return 1
  timeout 120 $as_root apt-get install -y -qq --no-install-recommends --download-only $optional || return 1
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $optional
}
echo "Installing optional system packages:$optional"
install_optional >/dev/null 2>&1 || {
  mkdir -p .build
  printf '%s\n' $optional >>"$tried"
  echo "That didn't work, and isn't needed; to try yourself: apt-get install$optional"
}
