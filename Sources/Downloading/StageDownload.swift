// Bringing a competition's files in as a stage does it: from Kaggle, or from a folder, into the stage's
// scratch, so that what came before a crash needn't come again.

import Basics
public import Foundation
import Kaggle
import Transfer
public import Workbench

/// Settings of the download.
public struct DownloadSettings: Sendable, Equatable, Codable {
  /// Which of the competition's files to fetch, by name or pattern.
  public var files: [String]

  /// Names and patterns.
  public init(files: [String]) { self.files = files }

  /// Whether a file is wanted. From a folder, `train.csv.zip` will do for `train.csv`.
  func wants(_ name: String, zipped: Bool = false) -> Bool {
    files.contains { matches(name, pattern: $0) || zipped && matches(name, pattern: $0 + ".zip") }
  }

  /// Refuses a pattern that selects nothing.
  /// - Throws: `InputError`.
  func check(_ names: [String], source: String) throws {
    for pattern in files
    where !names.contains(where: {
      matches($0, pattern: pattern) || matches($0, pattern: pattern + ".zip")
    }) {
      throw InputError("\(source) has no file “\(pattern)” (download.files in params.yaml)")
    }
  }
}

extension Stage {
  /// Fetches the files that are wanted from Kaggle, with the user's credentials.
  ///
  /// - Returns: where they lie, in scratch.
  /// - Throws: `KaggleError`; `InputError` where a pattern selects nothing, or two files would become one;
  ///   `StageFailure` where the disk has no room.
  public func fetchFiles(_ wanted: DownloadSettings, of slug: String) async throws -> [URL] {
    let settings = try KaggleSettings.find(environment: ProcessInfo.processInfo.environment)
    for warning in settings.credentials.warnings { warn(warning) }
    let kaggle = KaggleAPI(KaggleConnection(settings) { self.message($0) })
    let files = try await kaggle.listFiles(slug).filter { wanted.wants($0.name) }
    try wanted.check(files.map(\.name), source: slug)
    if let (one, other) = files.clash {
      throw InputError(
        "\(slug): \(one.name) and \(other.name) would both become one file in data/raw, which has no "
          + "folders; let download.files in params.yaml name only one of them")
    }
    let folder = try gatheringFolder()
    // However much a server says, it can be added up.
    let total = files.reduce(Int64(0)) { min(1 << 60, $0 + min(1 << 60, $1.bytes ?? 0)) }
    let there = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: [.fileSizeKey])
    try needs(bytes: total - there.reduce(0) { $0 + size(of: $1) }, for: slug)
    let progress = progress("download", total: Int(total), unit: "bytes")
    var before: Int64 = 0
    var fetched: [URL] = []
    for file in files {
      let start = before
      let local = try await kaggle.download(slug, file, to: folder) {
        progress.update(done: Int(start + $0.bytes), note: file.name)
      }
      before += file.bytes ?? local.bytes
      progress.update(done: Int(before), note: file.name)
      fetched.append(local.url)
    }
    return fetched
  }

  /// Copies the files that are wanted from a folder.
  ///
  /// - Returns: where the copies lie, in scratch.
  /// - Throws: `InputError` where a pattern selects nothing; `StageFailure` where the disk has no room.
  public func copyFiles(_ wanted: DownloadSettings, from path: String) throws -> [URL] {
    let source = URL(fileURLWithPath: path, isDirectory: true)
    let names = try FileManager.default.contentsOfDirectory(atPath: source.path).sorted()
      .filter { !$0.hasPrefix(".") && wanted.wants($0, zipped: true) }
    try wanted.check(names, source: source.path)
    // Of a link, what it leads to: the link may be relative, and its target may go.
    let files = names.map { source.appendingPathComponent($0).resolvingSymlinksInPath() }
    for (name, file) in zip(names, files) {
      // Reading a pipe or a device may never end.
      let kind = try? FileManager.default.attributesOfItem(atPath: file.path)[.type]
      guard let kind = kind as? FileAttributeType, [.typeRegular, .typeDirectory].contains(kind)
      else {
        throw InputError(
          "\(source.path)/\(name): neither a file nor a folder that can be read; take it out of there"
        )
      }
    }
    try needs(bytes: files.reduce(0) { $0 + size(of: $1) }, for: source.path)
    let folder = try gatheringFolder()
    let progress = progress("copy", total: names.count, unit: "files")
    return try zip(names, files).map { name, file in
      let target = folder.appendingPathComponent(name)
      try? FileManager.default.removeItem(at: target)
      try FileManager.default.copyItem(at: file, to: target)
      progress.advance(note: name)
      return target
    }
  }

  /// Moves gathered files into a folder among the outputs.
  ///
  /// - Returns: a row a file: its name and its size in bytes.
  /// - Throws: `StageFailure` where the header declares no such output, and what the file system says.
  public func move(_ files: [URL], into output: String) throws -> [(name: String, bytes: Int64)] {
    let folder = try self.output(output)
    try WholeFile.makeFolder(folder)
    return try files.map { file in
      let target = folder.appendingPathComponent(file.lastPathComponent)
      try FileManager.default.moveItem(at: file, to: target)
      return (file.lastPathComponent, size(of: target))
    }
  }

  private func gatheringFolder() throws -> URL {
    let folder = scratch.appendingPathComponent("files", isDirectory: true)
    try WholeFile.makeFolder(folder)
    return folder
  }

  /// A file's size in bytes; 0 where it isn't known.
  private func size(of file: URL) -> Int64 {
    Int64((try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0)
  }
}
