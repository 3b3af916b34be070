// The licences of what a bundle holds beside this project's own code: Debian and Ubuntu keep those of each package
// below /usr/share/doc.

import Foundation

/// Texts of licences by the name of the file that they go into.
struct Licences {
  private(set) var texts: [String: Data] = [:]
  /// Libraries whose licence wasn't found.
  private(set) var unknown: [String] = []

  init(of libraries: [LibraryClosure.Library]) {
    for library in libraries {
      guard let package = Self.package(of: library.file.path),
        let text = try? Data(
          contentsOf: URL(fileURLWithPath: "/usr/share/doc/\(package)/copyright"))
      else {
        unknown.append(library.name)
        continue
      }
      texts["\(package).txt"] = text
    }
    addCommon()
  }

  /// Debian's texts refer to licences that many packages share.
  private mutating func addCommon() {
    let folder = "/usr/share/common-licenses"
    let all = texts.values.map { String(decoding: $0, as: UTF8.self) }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where all.contains(where: { $0.contains("\(folder)/\(name)") }) {
      if let text = try? Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")) {
        texts["common-\(name).txt"] = text
      }
    }
  }

  /// The package that a file came with; nil where dpkg doesn't know it.
  private static func package(of path: String) -> String? {
    // A file below /usr/lib may have been installed as one below /lib.
    let names =
      path.hasPrefix("/usr/") ? [path, String(path.dropFirst(4))] : [path, "/usr" + path]
    for name in names {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/dpkg-query")
      process.arguments = ["--search", name]
      let output = Pipe()
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      guard (try? process.run()) != nil else { return nil }
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      // `libpng16-16:amd64: /usr/lib/…`
      if process.terminationStatus == 0, let package = text.split(separator: ":").first {
        return String(package)
      }
    }
    return nil
  }
}
