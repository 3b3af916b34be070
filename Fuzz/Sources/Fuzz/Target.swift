// What is fuzzed: a decoder of bytes from outside, with inputs to begin with.

import Foundation

/// A decoder of bytes from outside.
struct Target: Sendable {
  /// As the table of `make fuzz` has it.
  var name: String
  /// Whole inputs of each kind, which libFuzzer changes.
  var seeds: @Sendable () throws -> [Data]
  /// Decodes, and looks whether what comes out keeps its promises.
  var body: @Sendable (Data) throws -> Void
}

/// Ends the process, which libFuzzer takes for a finding, where a promise is broken.
func promise(_ holds: Bool, _ words: @autoclosure () -> String) {
  guard !holds else { return }
  FileHandle.standardError.write(Data("BROKEN PROMISE: \(words())\n".utf8))
  abort()
}

/// What a call throws counts as an answer like any other.
func outcome<Value>(_ body: () throws -> Value) -> Result<Value, any Error> {
  Result { try body() }
}

/// Files of the repository.
enum Repository {
  private static let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
    url.deletingLastPathComponent()
  }

  static func file(_ path: String) throws -> Data {
    try Data(contentsOf: root.appendingPathComponent(path))
  }

  /// All files of a folder with an ending.
  static func files(_ folder: String, _ ending: String) throws -> [Data] {
    try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
      .filter { $0.hasSuffix(ending) }.sorted().map { try file("\(folder)/\($0)") }
  }

  /// What the tests hold as Base64 and the pictures' bytes begin with one of these.
  static func fixtures(beginning starts: [[UInt8]]) throws -> [Data] {
    let text = String(
      decoding: try file("Tests/ImagingTests/Formats/Fixtures.swift"), as: UTF8.self)
    return text.split(separator: "\"").compactMap { Data(base64Encoded: String($0)) }
      .filter { data in starts.contains { data.starts(with: $0) } }
  }
}

/// A place for decoders of files: in memory where TMPDIR is.
enum Scratch {
  static let folder: URL = {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("work-fuzz-\(getpid())", isDirectory: true)
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }()

  /// Writes a file, in place of one of its name.
  static func write(_ data: Data, as name: String) throws -> URL {
    let url = folder.appendingPathComponent(name)
    try data.write(to: url)
    return url
  }
}
