// A workspace for tests: a folder of its own with params.yaml, scripts and a small competition. The
// sources and the built programs are the package's.

import Demo
import Foundation
import TestSupport
import Testing

/// A workspace in a temporary folder, removed when its owner goes.
final class WorkspaceFixture: Sendable {
  private let folder: TemporaryFolder
  let root: URL
  var served: URL { root.appendingPathComponent("served", isDirectory: true) }

  /// What makes a run last seconds. The scores mean nothing then.
  static let tiny = [
    (key: "train.epochs", value: "3"), (key: "model.filters", value: "4"),
    (key: "model.levels", value: "3"), (key: "inference.tta", value: "none"),
  ]
  /// The same as options.
  static let tinyOptions = tiny.flatMap { ["-S", "\($0.key)=\($0.value)"] }
  static let size = DemoWorkspace.Size(train: 40, test: 6)

  private init(_ folder: TemporaryFolder, _ root: URL) {
    self.folder = folder
    self.root = root
  }

  private static func template() throws -> String {
    try String(contentsOf: Package.root.appendingPathComponent("params.yaml"), encoding: .utf8)
  }

  /// A workspace with a small synthetic competition in `served`, not yet run.
  convenience init(
    _ name: DemoWorkspace.Name = .salt, size: DemoWorkspace.Size = size,
    extra: [(key: String, value: String)] = tiny
  ) throws {
    let folder = try TemporaryFolder()
    let demo = DemoWorkspace(name, in: folder.url)
    try demo.prepare(size: size, seed: 2018, template: Self.template(), extra: extra)
    try Self.addCode(to: demo.root)
    self.init(folder, demo.root)
  }

  /// A workspace of another competition, not yet run.
  /// - Parameters:
  ///   - values: what its params.yaml says otherwise than the repository's.
  ///   - serve: writes the competition's files into `served`.
  convenience init(values: [(key: String, value: String)], serve: (URL) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try Self.addCode(to: folder.url)
    let parameters = try ParameterTemplate.replacing(
      DemoWorkspace.Name.plainNetwork + values, in: Self.template())
    try Data(parameters.utf8).write(to: folder.url.appendingPathComponent("params.yaml"))
    self.init(folder, folder.url)
    try FileManager.default.createDirectory(at: served, withIntermediateDirectories: true)
    try serve(served)
  }

  /// A folder with code and params.yaml, as a fresh clone.
  static func clone() throws -> WorkspaceFixture {
    let folder = try TemporaryFolder()
    try addCode(to: folder.url)
    try FileManager.default.copyItem(
      at: Package.root.appendingPathComponent("params.yaml"),
      to: folder.url.appendingPathComponent("params.yaml"))
    return WorkspaceFixture(folder, folder.url)
  }

  /// The stages of this repository. What its user has added is none of the tests' business.
  private static let stages = [
    "download", "unzip", "eda", "folds", "train", "pseudo", "student", "evaluate", "predict",
    "submission",
  ]

  private static func addCode(to root: URL) throws {
    try FileManager.default.createDirectory(
      at: root.appendingPathComponent("stages"), withIntermediateDirectories: true)
    for name in ["Package.swift"] + stages.map({ "stages/\($0).swift" }) {
      try FileManager.default.copyItem(
        at: Package.root.appendingPathComponent(name), to: root.appendingPathComponent(name))
    }
    for name in ["Sources", ".build"] {
      try FileManager.default.createSymbolicLink(
        at: root.appendingPathComponent(name),
        withDestinationURL: Package.root.appendingPathComponent(name))
    }
  }

  /// A copy with all that was made so far.
  func copy() throws -> WorkspaceFixture {
    let folder = try TemporaryFolder()
    let copy = folder.url.appendingPathComponent(root.lastPathComponent, isDirectory: true)
    try FileManager.default.copyItem(at: root, to: copy)
    return WorkspaceFixture(folder, copy)
  }

  func file(_ path: String) -> URL { root.appendingPathComponent(path) }
  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: file(path).path) }
  func text(_ path: String) throws -> String {
    try String(contentsOf: file(path), encoding: .utf8)
  }

  /// Changes a text file.
  func edit(_ path: String, _ old: String, _ new: String) throws {
    let text = try text(path)
    try #require(text.contains(old), "\(path) has no “\(old)”")
    try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: file(path))
  }

  // MARK: Commands

  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Command {
    try Command(
      Package.work, arguments, in: root, environment: Package.environment(environment))
  }

  /// Runs `work` with arguments, in this workspace.
  func work(_ arguments: [String], environment: [String: String] = [:]) async throws -> Output {
    try await start(arguments, environment: environment).output()
  }

  func work(_ arguments: String..., environment: [String: String] = [:]) async throws -> Output {
    try await work(arguments, environment: environment)
  }

  /// Runs `work run` on the files in `served`.
  func run(_ arguments: String...) async throws -> Output {
    try await work(["run"] + arguments + ["--data", served.path])
  }

  /// Runs `work run … --json` on the files in `served`, which has to end well.
  func report(_ arguments: String...) async throws -> Report { try await report(arguments) }

  func report(_ arguments: [String]) async throws -> Report {
    let output = try await work(["run"] + arguments + ["--data", served.path, "--json"])
    try #require(output.status == 0, "\(output)")
    return try output.report()
  }

  // MARK: What lies there

  /// All files below folders, with their bytes.
  func contents(_ folders: String...) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for folder in folders {
      for path in try Listing.paths(file(folder)) {
        contents["\(folder)/\(path)"] = try Data(
          contentsOf: file(folder).appendingPathComponent(path))
      }
    }
    return contents
  }

  /// Declared outputs, byte by byte.
  func outputs() throws -> [String: Data] {
    try contents("data", "submissions").filter { !Self.isOfTheLedger($0.key) }
  }

  /// What the command keeps of submissions: times and runs are in it.
  private static func isOfTheLedger(_ path: String) -> Bool {
    path == "submissions/ledger.json" || path.hasPrefix("submissions/files/")
  }

  /// Every file under data/ and submissions/ but those of the given stages' outputs.
  func leftovers(besides outputs: String...) throws -> [String] {
    try ["data", "submissions"].flatMap { folder in
      try Listing.paths(file(folder)).map { "\(folder)/\($0)" }
    }.filter { path in
      !Self.isOfTheLedger(path) && !outputs.contains { path == $0 || path.hasPrefix($0 + "/") }
    }
  }
}

enum Listing {
  /// The files below a folder, sorted; none where there is no folder. Links are not followed.
  static func paths(_ folder: URL) throws -> [String] {
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { path in
      var isFolder: ObjCBool = false
      let url = folder.appendingPathComponent(path)
      _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      return !isFolder.boolValue
    }.sorted()
  }
}
