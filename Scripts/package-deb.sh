#!/bin/sh
# Makes a Debian package of the command.
#   package-deb.sh WORK MANUAL FOLDER
# WORK has Swift's runtime linked in. The libraries of the system that it needs become the package's
# dependencies, by dpkg-shlibdeps. The package is FOLDER/work_VERSION_ARCHITECTURE.deb.
set -eu
work=$(realpath "$1")
manual=$(realpath "$2")
folder=$3
root=$(cd "$(dirname "$0")/.." && pwd)
version=$("$work" --version)
architecture=$(dpkg --print-architecture)
name="work_${version}_${architecture}"
# The time in the package: that of the last commit, so that the same sources give the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

rm -rf "$folder/$name"
mkdir -p "$folder/$name/DEBIAN" "$folder/$name/debian"
cd "$folder/$name"

sh "$root/Scripts/install-command.sh" "$work" "$manual" usr share/zsh/vendor-completions
strip --strip-unneeded --remove-section=.comment --remove-section=.note usr/bin/work
gzip -9n usr/share/man/man1/work.1

documents=usr/share/doc/work
install -d "$documents"
install -m 644 "$root/README.md" "$documents/README.md"
gzip -9n <"$root/CHANGELOG.md" >"$documents/changelog.gz"
{
  echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
  echo
  echo "Files: *"
  sed -n 's/^Copyright (c) /Copyright: /p' "$root/LICENSE"
  echo "License: MIT"
  # A line of a licence begins with a blank, an empty one is a dot.
  sed -n '/^Permission/,$p' "$root/LICENSE" | sed 's/^$/./; s/^/ /'
} >"$documents/copyright"
chmod 644 "$documents"/*

# dpkg-shlibdeps wants a source package's control file; it reads no more of it than these two names.
printf 'Source: work\n\nPackage: work\nArchitecture: any\n' >debian/control
depends=$(dpkg-shlibdeps -O usr/bin/work | sed -n 's/^shlibs:Depends=//p')
rm -r debian
cat >DEBIAN/control <<CONTROL
Package: work
Version: $version
Architecture: $architecture
Maintainer: The work authors <work@localhost>
Section: science
Priority: optional
Installed-Size: $(du -ks usr | cut -f1)
Depends: $depends, util-linux, coreutils (>= 8.28)
Recommends: make, git
Description: Kaggle competition workbench
 Runs a competition as a pipeline of stages, from the download to
 submission.csv. A stage is a Swift script that reads like a notebook; results
 are cached by content, so that a rerun does only what is stale.
 .
 This package holds the command, its completions and its manual. The stages
 stand in a checkout of work's sources, which is needed to run them: the
 command builds them there with Swift 6.1 or later (not a Debian package; see
 https://www.swift.org/install) and with the development packages that make
 installs. Without Swift it reads what runs have left: status, log, runs,
 metrics, why and the pages.
CONTROL
find usr -type d -exec chmod 755 {} +
cd ..
dpkg-deb --root-owner-group --build "$name" "$name.deb"
