// The compiler and the libraries, for the record. Only the stage's own process knows them; they are facts for
// the reader of a page, and part of no fingerprint.

import Foundation

/// The compiler and the libraries that a stage was built with and runs with.
package enum Libraries {
  /// What is known, in words; what can't be found out is left out.
  static func facts() -> [String: String] {
    var facts = ["swift": compiler]
    let names = names(inMaps: text("/proc/self/maps"))
    if !names.isEmpty { facts["libraries"] = names.joined(separator: ", ") }
    return facts
  }

  /// A whole text file. The kernel gives those of /proc piece by piece and tells no size, so what reads by size
  /// gets the first piece alone.
  package static func text(_ path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(file, &piece, piece.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += piece[..<count]
    }
  }

  /// The libraries whose version may matter to a result, by their files' names, which hold the version:
  /// `libdnnl.so.2.6`, `libopenblasp-r0.3.21.so`.
  package static func names(inMaps maps: String) -> [String] {
    let known = [
      "libarchive", "libcurl", "libdnnl", "libgif", "libjpeg", "libopenblas", "libpng", "libtiff",
    ]
    let names = maps.split(separator: "\n").compactMap { line -> String? in
      guard let path = line.firstIndex(of: "/") else { return nil }
      let name = line[path...].split(separator: "/").last.map { String($0) } ?? ""
      return known.contains(where: name.hasPrefix) && name.contains(".so") ? name : nil
    }
    return Set(names).sorted()
  }

  private static var compiler: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #elseif compiler(>=6.2)
      "6.2"
    #else
      "6.1"
    #endif
  }
}
