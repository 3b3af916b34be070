#!/bin/sh
# Tries a bundle in a bare Debian: a root made by debootstrap, with nothing installed and no network.
#   bundle-bare-root.sh WORKSPACE
# WORKSPACE has a bundle (`work bundle`) and a submission. Its test images and tables are copied into the root, the
# bundle's program runs there, and what it writes is compared byte for byte with submissions/submission.csv.
# Needs root and debootstrap. SUITE names a release of Debian (stable), MIRROR where packages come from, ROOT a root
# that is kept and used again.
set -eu
[ $# = 1 ] || { sed -n '2,7s/^# //p' "$0"; exit 2; }
workspace=$(realpath "$1")
bundle=$workspace/.work/bundle
expected=$workspace/submissions/submission.csv
for file in "$bundle/bundle.json" "$expected"; do
  [ -e "$file" ] || { echo "$file: isn't there; \`work run all\` and \`work bundle\` make it" >&2; exit 2; }
done
if [ -n "${ROOT:-}" ]; then
  root=$ROOT
else
  root=$(mktemp -d)
  trap 'rm -rf "$root"' EXIT
fi
if [ ! -e "$root/bin/sh" ]; then
  echo "making a bare ${SUITE:-stable} in $root …"
  debootstrap --variant=minbase "${SUITE:-stable}" "$root" ${MIRROR:-} >"$root.log" 2>&1 ||
    { tail -5 "$root.log" >&2; exit 1; }
  rm -f "$root.log"
fi
rm -rf "$root/bundle" "$root/competition" "$root/tmp/submission.csv"
cp -r "$bundle" "$root/bundle"
mkdir "$root/competition"
for part in test tables; do cp -rL "$workspace/data/$part" "$root/competition/$part"; done
echo "a root of $(cat "$root/etc/debian_version"), $(ls "$root"/var/lib/dpkg/info/*.list | wc -l) packages, \
$(ls -d "$root"/usr/bin/python3 "$root"/usr/lib/*/libopenblas* 2>/dev/null | wc -l) of Python and OpenBLAS"
# A network of its own, in which there is none; processes of its own; an empty environment.
env -i "$(command -v unshare)" --net --pid --fork --mount-proc="$root/proc" "$(command -v chroot)" "$root" /bundle/predict --images /competition --output /tmp/submission.csv
cmp "$root/tmp/submission.csv" "$expected"
echo "the same bytes as $expected"
