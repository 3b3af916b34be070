// Finds what a bundle is made of, and makes it: the latest prediction's models and parameters, what evaluate chose, and
// the program, built where it is stale.

import Basics
import Bundles
import Foundation
import Pipeline

extension Tool {
  /// The program of a bundle. It is no tool, but is built as one.
  static let bundled = Tool(program: "work-predict", name: "predict", source: "main.swift")
}

struct BundleMaker {
  private static let predictions = "data/predictions"
  private static let postProcessing = "data/evaluation/postprocessing.json"
  /// Models of the second training predict where there are any.
  private static let modelFolders = ["data/students", "data/models"]

  /// What is stale or was changed since.
  let warnings: [String]
  private let runner: Runner
  private let made: MadeWith
  private let models: [URL]

  /// Where a bundle lies if nothing else is said.
  static func usualPlace(_ workspace: Workspace) -> URL {
    workspace.work.appendingPathComponent("bundle", isDirectory: true)
  }

  /// Looks at what the workspace has.
  ///
  /// - Throws: `InputError` where nothing was predicted or evaluated yet, or no bundle can be made here.
  init(_ runner: Runner) throws {
    try Self.checkMachine()
    self.runner = runner
    for stage in ["predict", "evaluate", "submission"] where runner.graph[stage] == nil {
      throw InputError(
        "this workspace has no stage \(stage): a bundle does what the stages evaluate, predict and submission do"
      )
    }
    guard let made = try runner.madeWith("predict"),
      FileManager.default.fileExists(atPath: runner.workspace.url(of: Self.predictions).path),
      FileManager.default.fileExists(atPath: runner.workspace.url(of: Self.postProcessing).path)
    else {
      throw InputError(
        "nothing is trained, evaluated and predicted here yet, so there is nothing to bundle; `work run all` does it"
      )
    }
    self.made = made
    models = Self.models(of: made).map {
      runner.workspace.url(of: $0.path).appendingPathComponent("model.safetensors")
    }
    guard !models.isEmpty else {
      throw InputError(
        "the latest prediction was made without a model below \(Self.modelFolders.joined(separator: " or ")); `work run predict` makes it again"
      )
    }
    if let missing = models.first(where: { !FileManager.default.fileExists(atPath: $0.path) }) {
      throw InputError("\(missing.path): isn't there any more; `work run predict` makes it again")
    }
    warnings = try Self.warnings(runner, made)
  }

  private static func checkMachine() throws {
    #if !(os(Linux) && arch(x86_64))
      throw InputError(
        "a bundle is for Kaggle's machines, which are Linux on x86-64, and this one isn't; make it on such a machine"
      )
    #endif
  }

  private static func warnings(_ runner: Runner, _ made: MadeWith) throws -> [String] {
    var warnings: [String] = []
    // What can't be predicted again as it was is another matter than what a run would do.
    let changed = models(of: made).filter { !$0.isUnchanged }
    if !changed.isEmpty {
      warnings.append(
        "\(changed.map(\.path).joined(separator: ", ")) changed since the latest prediction: the bundle predicts otherwise "
          + "than submissions/submission.csv; `work run all` brings them together")
    }
    let stale = try runner.status(["submission"]).filter(\.state.mayRun)
    if let first = stale.first {
      let reason = first.reasons.first.map { " (\($0.description))" } ?? ""
      let others = stale.count > 1 ? " and \(stale.count - 1) more" : ""
      warnings.append(
        "\(first.instance) is stale\(reason)\(others): the bundle holds what the latest run made; `work run all` makes it "
          + "anew")
    }
    return warnings
  }

  private static func models(of made: MadeWith) -> [(path: String, isUnchanged: Bool)] {
    modelFolders.lazy.map { folder in made.inputs.filter { $0.path.lies(inFolder: folder) } }
      .first { !$0.isEmpty } ?? []
  }

  /// Whether a bundle holds these models, and this choice.
  func agrees(with manifest: BundleManifest) -> Bool {
    let files = models + [runner.workspace.url(of: Self.postProcessing)]
    let digests = files.map { try? BundleWriter.digest($0) }
    return digests == (manifest.models + [manifest.postProcessing]).map(\.sha256)
  }

  // MARK: Writing

  /// Builds the program and writes the bundle, whole or not at all. An older one in its place is replaced.
  ///
  /// - Returns: libraries whose licence wasn't found.
  /// - Throws: `InputError`, `PipelineError` with the compiler's errors, `FileError`.
  @MainActor
  func write(to folder: URL, quiet: Bool) throws -> [String] {
    try checkPlace(folder)
    let workspace = runner.workspace
    let display = RunDisplay(quiet: quiet)
    let program: URL
    do {
      defer { display.end() }
      program = try Tool.bundled.build(
        in: workspace, interruption: .catchingSignals(), observer: display)
    }
    let writer = BundleWriter(
      program: program, models: models,
      postProcessing: workspace.url(of: Self.postProcessing),
      notices: ["LICENSE", "THIRD-PARTY-NOTICES.md"].map(workspace.codeRoot.appendingPathComponent),
      title: title)
    var manifest = try manifest(writer)
    let new = folder.deletingLastPathComponent()
      .appendingPathComponent(".\(folder.lastPathComponent).\(getpid()).new", isDirectory: true)
    try WholeFile.remove(new)
    do {
      let unknown = try writer.write(manifest, to: new)
      // The program alone knows how the images of a folder are told.
      if manifest.sample != nil {
        manifest.sample?.leavesOut = BundleTrial(bundle: new, workspace: workspace).leftOut()
        try manifest.write(to: new)
      }
      try WholeFile.remove(folder)
      guard rename(new.path, folder.path) == 0 else {
        throw FileError(folder.path, "can't be written", code: errno)
      }
      return unknown
    } catch {
      try? WholeFile.remove(new)
      throw error
    }
  }

  /// Nothing of the user's is replaced.
  private func checkPlace(_ folder: URL) throws {
    guard WholeFile.exists(folder) else { return }
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    guard let names, names.isEmpty || names.contains(BundleManifest.fileName) else {
      throw InputError(
        "\(folder.path): is there and no bundle, so it isn't replaced; name another folder by --output"
      )
    }
  }

  /// The archive of masks as pictures that belongs to the submission; nil where there is none.
  var archive: String? {
    guard case .string(let path)? = made.parameters[path: "competition.submission.archive"] else {
      return nil
    }
    return path
  }

  private var title: String {
    guard case .string(let title)? = made.parameters[path: "competition.title"] else {
      return "A competition"
    }
    return title
  }

  private func manifest(_ writer: BundleWriter) throws -> BundleManifest {
    var manifest = try writer.manifest(parameters: made.parameters, overridden: made.overridden)
    if case .string(let slug)? = made.parameters[path: "competition.slug"] { manifest.slug = slug }
    if case .object(let places)? = runner.parameters["unzip.place"] {
      for place in places {
        if case .string(let folder) = place.value { manifest.places[place.key] = folder }
      }
    }
    manifest.run = try runner.provenance(of: runner.workspace.url(of: Self.predictions)).run
    manifest.score = runner.currentMetrics().first { $0.instance == "evaluate" }?.metrics["score"]
    if case .string(let path)? = made.parameters[path: "competition.files.sample_submission"] {
      let file = runner.workspace.url(of: path)
      guard FileManager.default.fileExists(atPath: file.path) else { return manifest }
      manifest.sample = .init(
        sha256: try BundleWriter.digest(file), columns: try CSV(contentsOf: file).columns)
    }
    return manifest
  }
}
