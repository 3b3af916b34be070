// Where the code root keeps its modules: Sources/NAME, and Sources/C/NAME for those in C.

import Basics
import Foundation

/// The folders of the modules below Sources.
struct ModuleFolders: Sendable {
  private let sources: URL

  /// - Parameter root: the code root; neither it nor its Sources has to exist.
  init(root: URL) { sources = root.appendingPathComponent("Sources", isDirectory: true) }

  /// The folder of a module; nil where there is none of this name.
  func folder(of module: String) -> URL? {
    shelves.map { $0.appendingPathComponent(module, isDirectory: true) }
      .first(where: WholeFile.exists)
  }

  /// The names of all modules, sorted.
  var names: [String] {
    shelves.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0.path)) ?? [] }
      .filter { $0 != Self.c }.sorted()
  }

  /// The folder that holds the modules in C, and is none itself.
  private static let c = "C"

  private var shelves: [URL] {
    [sources, sources.appendingPathComponent(Self.c, isDirectory: true)]
  }
}
