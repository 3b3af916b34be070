#!/bin/sh
# Makes a Debian package of the command.
#   package-deb.sh WORK MANUAL FOLDER
# WORK has Swift's runtime linked in. The libraries of the system that it needs become the package's
# dependencies, by dpkg-shlibdeps. The package is FOLDER/work_VERSION-1_ARCHITECTURE.deb.
set -eu
work=$(realpath "$1")
manual=$(realpath "$2")
folder=$3
root=$(cd "$(dirname "$0")/.." && pwd)
version=$("$work" --version)-1
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-The work authors} <${DEBEMAIL:-work@localhost}>"
# The time in the package is that of the last commit, so that the same sources give the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

mkdir -p "$folder"
cd "$folder"
name="work_${version}_${architecture}"
rm -rf "$name" "$name.deb"
mkdir -p "$name/DEBIAN"
cd "$name"

# The files.
sh "$root/Scripts/install-command.sh" "$work" "$manual" usr share/zsh/vendor-completions
strip --strip-unneeded --remove-section=.comment --remove-section=.note usr/bin/work
gzip -9n usr/share/man/man1/work.1

# What a Debian package has to say of itself.
documents=usr/share/doc/work
install -d "$documents"
install -m 644 "$root/README.md" "$documents/README.md"
install -m 644 "$root/THIRD-PARTY-NOTICES.md" "$documents/THIRD-PARTY-NOTICES.md"
for licence in "$root"/.build/checkouts/*/LICENSE*; do
  package=$(basename "$(dirname "$licence")")
  install -m 644 "$licence" "$documents/LICENSE.$package"
done
gzip -9n <"$root/CHANGELOG.md" >"$documents/changelog.gz"
gzip -9n >"$documents/changelog.Debian.gz" <<CHANGELOG
work ($version) unstable; urgency=low

  * The command, its completions and its manual.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGELOG
{
  echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
  echo
  echo "Files: *"
  sed -n 's/^Copyright (c) /Copyright: /p' "$root/LICENSE"
  echo "License: MIT"
  # Lines of a licence begin with a blank, and a dot stands for an empty line.
  sed -n '/^Permission/,$p' "$root/LICENSE" | sed 's/^$/./; s/^/ /'
} >"$documents/copyright"

# What lintian is to leave out.
install -d usr/share/lintian/overrides
cat >usr/share/lintian/overrides/work <<OVERRIDES
# The package Yams brings libyaml as source.
work: embedded-library libyaml [usr/bin/work]
# It isn't meant for Debian's archive.
work: initial-upload-closes-no-bugs
OVERRIDES
find usr -type d -exec chmod 755 {} +
find usr -type f ! -path usr/bin/work -exec chmod 644 {} +

# dpkg-shlibdeps wants the control file of a source package, and reads no more of it than these names.
cd ..
mkdir -p debian
printf 'Source: work\n\nPackage: work\nArchitecture: any\n' >debian/control
depends=$(dpkg-shlibdeps -O "$name/usr/bin/work" | sed -n 's/^shlibs:Depends=//p')
rm -r debian
cd "$name"
cat >DEBIAN/control <<CONTROL
Package: work
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Section: science
Priority: optional
Installed-Size: $(du -ks usr | cut -f1)
Depends: $depends
Recommends: make, git
Description: Kaggle competition workbench
 Runs a competition as a pipeline of stages, from the download to
 submission.csv. A stage is a Swift script that reads like a notebook. Results
 are cached by content, so that a rerun does only what is stale.
 .
 This package holds the command, its completions and its manual. To run stages
 you also need a checkout of the sources of work, where the stages stand, Swift
 6.1 or later, which Debian doesn't have (https://www.swift.org/install), and
 the development packages that make installs there: the command builds the
 stages with them. Without Swift, the command shows what earlier runs have
 left: their state, logs, metrics and pages.
CONTROL
find usr -type f | LC_ALL=C sort | xargs md5sum >DEBIAN/md5sums
cd ..
dpkg-deb --root-owner-group --build "$name"
