#!/bin/sh
# Installs those of the Debian packages given that are missing, and says so. Needs root or sudo only then.
set -eu

command -v swift >/dev/null 2>&1 || {
  echo "error: no \`swift\` on PATH; install Swift 6.1 or later first: https://www.swift.org/install/linux/" >&2
  exit 1
}
missing=""
for package in "$@"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "Installing missing system packages:$missing"
as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null 2>&1 || {
    echo "error: not root and no sudo; run as root: apt-get install$missing" >&2
    exit 1
  }
  as_root=sudo
fi
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
