// A seam for tests of crashes: they stop a process's work between two steps on the file system, where a
// power cut might.

/// What is about to be done to the file system. Nothing is tidied up behind a test that throws here.
package struct FileStep: Sendable {
  private let body: @Sendable (String) throws -> Void

  /// - Parameter body: called before each step, with what it is.
  package init(_ body: @escaping @Sendable (String) throws -> Void) { self.body = body }

  /// Who is told.
  @TaskLocal package static var watcher = FileStep { _ in }

  /// Says what comes next.
  package static func tell(_ name: String) throws { try watcher.body(name) }
}
