// A folder for one test, removed when its owner goes.

public import Foundation

/// A fresh, empty folder that is deleted with everything in it when the value is released.
public final class TemporaryFolder: Sendable {
  /// The folder's place, with links resolved.
  public let url: URL

  /// Makes the folder.
  public init() throws {
    url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appendingPathComponent("work-test-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a text file at a path below the folder, making the folders on the way.
  @discardableResult
  public func write(_ text: String, to path: String) throws -> URL {
    try write(Data(text.utf8), to: path)
  }

  /// Writes bytes at a path below the folder, making the folders on the way.
  @discardableResult
  public func write(_ data: Data, to path: String) throws -> URL {
    let file = url.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
    return file
  }
}

extension TemporaryFolder {
  /// Writes a script that can be started; see `writeProgram`.
  public func writeProgram(_ text: String, to path: String) throws {
    try TestSupport.writeProgram(text, to: url.appendingPathComponent(path))
  }
}

/// Writes a script that can be started. Another process makes the file: one that this process has open for
/// writing can't be started as long as a child of another thread has inherited the open file.
public func writeProgram(_ text: String, to file: URL) throws {
  let source = file.appendingPathExtension("source")
  try Data(text.utf8).write(to: source)
  defer { try? FileManager.default.removeItem(at: source) }
  let copy = try Process.run(
    URL(fileURLWithPath: "/usr/bin/install"), arguments: ["-m", "755", source.path, file.path])
  copy.waitUntilExit()
  guard copy.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
}
