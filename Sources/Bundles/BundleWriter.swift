// Writes a bundle: one folder with the program, the libraries that it loads, the models, what evaluate chose, the
// parameters, a notebook that runs it, licences, and a page that says so.

public import Basics
public import Foundation
import Hashing

/// What goes into a bundle.
public struct BundleWriter {
  /// A part of a bundle and its size, for people.
  public struct Size: Sendable, Equatable, Codable {
    /// The file or folder, relative to the bundle.
    public var name: String
    /// Of all its files.
    public var bytes: Int
  }

  private let program: URL
  private let models: [URL]
  private let postProcessing: URL
  private let notices: [URL]
  private let title: String

  /// The folder of the models.
  static let models = "models"
  static let postProcessing = "postprocessing.json"
  /// What starts the program.
  public static let start = "predict"
  /// The notebook.
  public static let notebook = "predict.ipynb"

  /// - Parameters:
  ///   - program: the program of this workspace's sources, with Swift's library linked in.
  ///   - models: files of models, in the order of the folds.
  ///   - postProcessing: what *evaluate* chose.
  ///   - notices: licences and notices of the project's own.
  ///   - title: of the competition.
  public init(program: URL, models: [URL], postProcessing: URL, notices: [URL], title: String) {
    (self.program, self.models, self.postProcessing) = (program, models, postProcessing)
    (self.notices, self.title) = (notices, title)
  }

  /// The manifest of these files.
  ///
  /// - Throws: `InputError` for a file that can't be read.
  public func manifest(parameters: JSONValue, overridden: [String]) throws -> BundleManifest {
    BundleManifest(
      parameters: parameters, overridden: overridden,
      models: try models.enumerated().map { index, file in
        .init(path: Self.path(ofModel: index), sha256: try Self.digest(file))
      },
      postProcessing: .init(path: Self.postProcessing, sha256: try Self.digest(postProcessing)))
  }

  /// The SHA-256 of a file, as hex.
  ///
  /// - Throws: `InputError` where it can't be read.
  public static func digest(_ file: URL) throws -> String {
    do { return Digest.hex(of: [UInt8](try Data(contentsOf: file))) } catch {
      throw InputError("\(file.path): can't be read (\(systemReason(error)))")
    }
  }

  /// Writes a bundle into a new folder.
  ///
  /// - Returns: libraries whose licence was not found.
  /// - Throws: `InputError` for a library that is missing, `FileError` where it can't be written.
  public func write(_ manifest: BundleManifest, to folder: URL) throws -> [String] {
    try WholeFile.makeFolder(folder)
    try copy(program, to: "bin/\(Self.program)", in: folder, isExecutable: true)
    let closure = try LibraryClosure(of: program)
    for library in closure.libraries {
      try copy(library.file, to: "lib/\(library.name)", in: folder)
    }
    try copy(closure.loader.file, to: "lib/\(closure.loader.name)", in: folder, isExecutable: true)
    for (index, model) in models.enumerated() {
      try copy(model, to: Self.path(ofModel: index), in: folder)
    }
    try copy(postProcessing, to: Self.postProcessing, in: folder)
    try manifest.write(to: folder)
    try write(
      BundleTexts.start(loader: closure.loader.name, program: Self.program), to: Self.start,
      in: folder, isExecutable: true)
    try write(try BundleNotebook(manifest, title: title).text(), to: Self.notebook, in: folder)
    try write(BundleTexts.readme(manifest, title: title), to: "README.md", in: folder)
    for notice in notices where FileManager.default.fileExists(atPath: notice.path) {
      try copy(notice, to: "licences/\(notice.lastPathComponent)", in: folder)
    }
    let licences = Licences(of: closure.libraries + [closure.loader])
    for (name, text) in licences.texts {
      try WholeFile.write(
        text, to: folder.appendingPathComponent("licences/\(name)"), flushed: false)
    }
    return licences.unknown
  }

  private static let program = "work-predict"

  private static func path(ofModel index: Int) -> String {
    "\(models)/fold-\(index)/model.safetensors"
  }

  private func copy(_ file: URL, to path: String, in folder: URL, isExecutable: Bool = false) throws
  {
    let target = folder.appendingPathComponent(path)
    try WholeFile.makeFolder(target.deletingLastPathComponent())
    do { try FileManager.default.copyItem(at: file.resolvingSymlinksInPath(), to: target) } catch {
      throw FileError(target.path, "can't be written", reason: systemReason(error))
    }
    try set(isExecutable ? 0o755 : 0o644, target)
  }

  private func write(_ text: String, to path: String, in folder: URL, isExecutable: Bool = false)
    throws
  {
    let target = folder.appendingPathComponent(path)
    try WholeFile.write(text.utf8, to: target, flushed: false)
    try set(isExecutable ? 0o755 : 0o644, target)
  }

  private func set(_ mode: mode_t, _ file: URL) throws {
    guard chmod(file.path, mode) == 0 else {
      throw FileError(file.path, "can't be made executable", code: errno)
    }
  }

  /// The files and folders at the top of a bundle, the largest first.
  public static func sizes(of bundle: URL) -> [Size] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: bundle.path)) ?? []
    return names.map { Size(name: $0, bytes: bytes(of: bundle.appendingPathComponent($0))) }
      .sorted { ($1.bytes, $0.name) < ($0.bytes, $1.name) }
  }

  private static func bytes(of url: URL) -> Int {
    var status = stat()
    guard lstat(url.path, &status) == 0 else { return 0 }
    guard status.st_mode & S_IFMT == S_IFDIR else { return Int(status.st_size) }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.reduce(0) { $0 + bytes(of: url.appendingPathComponent($1)) }
  }
}
