// Which libarchive this program loads.

import CArchive

/// The library behind this module.
package enum ArchiveLibrary {
  /// The library's version, as in "3.6.2".
  package static var version: String {
    String(cString: archive_version_string()).split(separator: " ").last.map(String.init)
      ?? "unknown"
  }
}
