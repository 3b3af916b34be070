// The project's own sources, as text.

import Foundation

struct SourceTree {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The Swift modules below Sources/.
  func modules() throws -> [String] {
    try names(in: "Sources").filter { $0 != "C" }
  }

  /// The modules that a module's files import.
  func imports(of module: String) throws -> Set<String> {
    try files(below: "Sources/\(module)", ending: ".swift")
      .reduce(into: []) { $0.formUnion(Self.imports(in: try text($1))) }
  }

  /// The modules that each script in stages/ imports.
  func stages() throws -> [String: Set<String>] {
    try names(in: "stages").filter { $0.hasSuffix(".swift") }.reduce(into: [:]) {
      $0[String($1.dropLast(6))] = Self.imports(in: try text("stages/" + $1))
    }
  }

  func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Paths of files below a folder, from the root.
  func files(below folder: String, ending: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root.path + "/" + folder)
      .filter { $0.hasSuffix(ending) }.map { "\(folder)/\($0)" }.sorted()
  }

  func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.path + "/" + folder)
      .filter { !$0.hasPrefix(".") }.sorted()
  }

  private static func imports(in text: String) -> Set<String> {
    Set(
      text.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        guard !line.hasPrefix(" "), let index = words.firstIndex(of: "import"),
          words.count == index + 2,
          words[..<index].allSatisfy({
            ["public", "package", "internal", "private"].contains($0) || $0.hasPrefix("@")
          })
        else { return nil }
        return String(words[index + 1])
      })
  }
}
