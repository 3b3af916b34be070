// The bundle as a stage sees a workspace: a folder of links to models, images and tables, and an order with the
// parameters of the run. So the images are read and predicted by the very functions that the stages use.

import Basics
import Bundles
import Datasets
import Foundation
import Hashing
import Inference
import Notebook
import Workbench

/// A stage over the files of a bundle and of a competition.
final class BundleStage: Sendable {
  let stage: Stage
  /// Where the stage finds the sample submission; written before images are read.
  let sample: URL
  /// Where the stage tells of its progress.
  let events: URL
  private let root: URL
  /// What stands for what in messages, the longest first.
  private let names: [(link: String, place: String)]

  private static let sampleName = "sample_submission.csv"
  private static let imagesName = "images"

  /// - Parameters:
  ///   - root: an empty folder, for links and intermediate files.
  ///   - images: the folder that the pattern of test images begins with.
  /// - Throws: `InputError` for a damaged bundle, `FileError`.
  init(
    _ manifest: BundleManifest, in bundle: URL, root: URL, images: URL, given: GivenFiles,
    _ options: PredictOptions
  ) throws {
    self.root = root
    sample = root.appendingPathComponent(Self.sampleName)
    events = root.appendingPathComponent("events.jsonl")
    var parameters = manifest.parameters
    var inputs = [Self.imagesName, Self.sampleName]
    var names = [(root.appendingPathComponent(Self.imagesName).path, images.path)]
    try Self.link(Self.imagesName, in: root, to: images)
    let pattern = try Self.pattern(parameters)
    parameters = parameters.setting(
      path: "competition.files.test_images",
      .string("\(Self.imagesName)/\(GivenFiles.cut(pattern).name)"))
    parameters = parameters.setting(
      path: "competition.files.sample_submission", .string(Self.sampleName))
    for key in ["depths", "groups"] {
      let path = "competition.files.\(key)"
      guard case .string(let table)? = parameters[path: path], let file = given.table(table) else {
        continue
      }
      let name = "\(key).csv"
      try Self.link(name, in: root, to: file)
      names.append((root.appendingPathComponent(name).path, file.path))
      parameters = parameters.setting(path: path, .string(name))
      inputs.append(name)
    }
    if options.skipsBad {
      parameters = parameters.setting(path: "competition.skip_bad", .bool(true))
    }
    let folders = try manifest.models.map { part in
      let file = bundle.appendingPathComponent(part.path)
      try Self.check(part, file)
      return part.path.pathFolder
    }
    for folder in folders {
      try Self.link(folder, in: root, to: bundle.appendingPathComponent(folder))
    }
    let threads = root.appendingPathComponent("threads")
    try WholeFile.write("\(options.threads)\n", to: threads)
    try WholeFile.makeFolder(root.appendingPathComponent("state"))
    var order = Order(
      stage: "predict", instance: "predict", root: root.path, script: bundle.path, outputs: [:],
      scratch: root.appendingPathComponent("state").path,
      record: root.appendingPathComponent("record.jsonl").path, events: events.path,
      pinned: root.appendingPathComponent("pinned").path,
      runtime: .object([.init("threads", .int(options.threads))]),
      grant: .init(file: threads.path, most: options.threads), environment: [:])
    order.params = parameters
    order.inputs = inputs + ["data/models"]
    order.expanded = ["data/models": folders]
    stage = Stage(order: order, recorder: try Recorder(order: order, source: ""))
    self.names = names
  }

  /// The pattern of the test images.
  static func pattern(_ parameters: JSONValue) throws -> String {
    guard case .string(let text)? = parameters[path: "competition.files.test_images"] else {
      throw InputError(
        "\(BundleManifest.fileName): names no competition.files.test_images; make the bundle again with `work bundle`"
      )
    }
    return text
  }

  /// A message with the places of files as the user knows them.
  func wording(_ text: String) -> String {
    names.reduce(text) { $0.replacingOccurrences(of: $1.link, with: $1.place) }
  }

  /// What *evaluate* chose.
  static func postProcessing<Value: Decodable>(
    _ manifest: BundleManifest, in bundle: URL, as type: Value.Type = Value.self
  ) throws -> Value {
    let file = bundle.appendingPathComponent(manifest.postProcessing.path)
    try check(manifest.postProcessing, file)
    do { return try JSONDecoder().decode(type, from: Data(contentsOf: file)) } catch {
      throw InputError("\(file.path): can't be read (\(error)); make the bundle again")
    }
  }

  private static func check(_ part: BundleManifest.Part, _ file: URL) throws {
    let digest: String
    do { digest = Digest.hex(of: [UInt8](try Data(contentsOf: file))) } catch {
      throw InputError(
        "\(file.path): can't be read (\(systemReason(error))); copy the whole bundle")
    }
    guard digest == part.sha256 else {
      throw InputError(
        "\(file.path): is damaged: its SHA-256 is \(digest.prefix(16))…, and should be \(part.sha256.prefix(16))…; copy "
          + "the bundle again")
    }
  }

  private static func link(_ name: String, in root: URL, to place: URL) throws {
    let link = root.appendingPathComponent(name)
    try WholeFile.makeFolder(link.deletingLastPathComponent())
    guard symlink(place.path, link.path) == 0 else {
      throw FileError(link.path, "can't be linked", code: errno)
    }
  }
}

extension JSONValue {
  /// An object with the value at a dotted path set.
  func setting(path: String, _ value: JSONValue) -> JSONValue {
    let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return setting(path, value) }
    return setting(parts[0], (self[parts[0]] ?? .object([])).setting(path: parts[1], value))
  }
}
