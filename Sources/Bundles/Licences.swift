// The licences of what a bundle holds beside this project's own code: Debian and Ubuntu keep those of each package
// below /usr/share/doc.

import Foundation

/// Texts of licences by the name of the file that they go into.
struct Licences {
  private(set) var texts: [String: Data] = [:]
  /// Libraries whose licence wasn't found.
  private(set) var unknown: [String] = []

  init(of libraries: [LibraryClosure.Library]) {
    let packages = Self.packages(of: libraries.map(\.file.path))
    for library in libraries {
      guard let package = packages[Self.plain(library.file.path)],
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

  /// A path without /usr: a file below /usr/lib may have been installed as one below /lib.
  private static func plain(_ path: String) -> String {
    path.hasPrefix("/usr/") ? String(path.dropFirst(4)) : path
  }

  /// The packages that files came with, as far as dpkg knows them, by their plain paths.
  private static func packages(of paths: [String]) -> [String: String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/dpkg-query")
    process.arguments = ["--search"] + paths.map(plain).flatMap { [$0, "/usr" + $0] }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return [:] }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    // It ends with an error, since it knows one of each two paths at most.
    process.waitUntilExit()
    var packages: [String: String] = [:]
    for line in text.split(separator: "\n") {
      // `libpng16-16:amd64: /usr/lib/…`
      guard let package = line.split(separator: ":").first,
        let path = line.range(of: ": /").map({ line[line.index(before: $0.upperBound)...] })
      else { continue }
      packages[plain(String(path))] = String(package)
    }
    return packages
  }
}
