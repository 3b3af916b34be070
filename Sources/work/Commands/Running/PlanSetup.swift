// What `work plan` takes from params.yaml, from presets and from the runs that are recorded.

import Basics
import Choices
import Foundation
import Pipeline
import Survey

/// The parameters that a plan starts from.
struct PlanSetup {
  /// As `model.kind` has it.
  let network: String
  /// Those to choose from.
  let networks: [String]
  let frame: PlanFrame
  /// As `inference.tta` has it.
  let tta: String
  /// Whether params.yaml names a preset, whose values would hide those that are written.
  let hasPreset: Bool
  /// What the section `model` says of decoders.
  private let decoder: [JSONValue.Member]
  /// Whether the blocks of the decoder have losses of their own.
  private let isSupervised: Bool
  private let competition: JSONValue
  private let channels: Int

  /// Reads the parameters of a workspace.
  ///
  /// - Throws: `InputError` naming the key that isn't as it should be.
  init(_ runner: Runner) throws {
    let parameters = runner.parameters
    competition = parameters["competition"] ?? .null
    func number(_ key: String) -> Int? {
      guard case .int(let number)? = parameters[key] else { return nil }
      return number
    }
    // What can't be used, the stage that reads it refuses.
    func side(_ key: String, most: Int) -> Int { max(1, min(most, number(key) ?? 1)) }
    func text(_ key: String) -> String? {
      guard case .string(let text)? = parameters[key] else { return nil }
      return text
    }
    network = text("model.kind") ?? "unet"
    guard ModelKind(rawValue: network) != nil else {
      throw InputError(
        "params.yaml: model.kind: is \(network), should be one of "
          + ModelKind.allCases.map(\.rawValue).joined(separator: ", "))
    }
    tta = text("inference.tta") ?? "none"
    hasPreset = parameters.preset != nil
    decoder = [
      "decoder", "decoder_filters", "attention", "hypercolumn", "centre", "coordinates",
      "empty_head",
    ].map {
      JSONValue.Member($0, parameters["model.\($0)"] ?? .null)
    }
    isSupervised = (parameters["train.deep_supervision"] ?? .null) != .null
    channels =
      side("competition.image.channels", most: 64) * side("competition.image.slices", most: 15)
    var frame = PlanFrame()
    frame.patch = number("model.patch").map { _ in side("model.patch", most: 8192) }
    frame.padTo = number("model.pad_to").map { _ in side("model.pad_to", most: 8192) }
    if number("model.resize.width") != nil, number("model.resize.height") != nil {
      frame.resize = PixelSize(
        width: side("model.resize.width", most: 8192),
        height: side("model.resize.height", most: 8192))
    }
    frame.filters = max(1, min(65536, number("model.filters") ?? frame.filters))
    frame.levels = min(8, max(2, number("model.levels") ?? frame.levels))
    frame.batch = max(1, min(65536, number("train.batch") ?? frame.batch))
    frame.crops = side("train.crops", most: 10000)
    frame.validateEvery = max(0, number("train.validate_every") ?? frame.validateEvery)
    self.frame = frame
    // Published encoders have seen images of one channel or three.
    let encoders: [ModelKind] = [.efficientNetLite0UNet, .efficientNetLite2UNet, .resNet34UNet]
    let usual = [1, 3].contains(channels) ? encoders.map(\.rawValue) : []
    networks =
      usual
      + ["unet", network].filter { !usual.contains($0) }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Predictions averaged for an image.
  var views: Int { TTA(rawValue: tta).map { [.none: 1, .hflip: 2, .d4: 8][$0] ?? 1 } ?? 1 }

  /// What the files show, with what params.yaml knows better.
  func completed(_ findings: Findings) -> Findings {
    var findings = findings
    findings.channels = channels
    if case .string(let kind)? = competition["kind"], let kind = Findings.Kind(rawValue: kind) {
      findings.kind = kind
    }
    if case .array(let names)? = competition[path: "classes.names"] {
      findings.classes = names.map(\.plainText)
    }
    return findings
  }

  /// At which size networks are to be timed: a square of about the pixels that they are to see.
  func timed(_ findings: Findings) -> MachineSpeed.Timed {
    let size = frame.resize ?? findings.size ?? findings.medianSize
    let side =
      frame.patch ?? frame.padTo ?? Int(Double(size.width * size.height).squareRoot().rounded())
    // Encoders halve five times.
    return MachineSpeed.Timed(
      side: min(1024, max(32, (side + 31) / 32 * 32)), channels: channels,
      classes: findings.kind == .instances ? 3 : max(1, findings.classes.count), batch: frame.batch,
      decoder: decoder, supervised: isSupervised)
  }

  /// The presets of the workspace and of its code, with what each would train.
  ///
  /// - Throws: `PipelineError` for a preset that isn't valid.
  func presets(_ workspace: Workspace) throws -> [(
    name: String, network: String, folds: Int, epochs: Int
  )] {
    let folders = [workspace.root, workspace.codeRoot].map { $0.appendingPathComponent("presets") }
    let files = folders.flatMap {
      (try? FileManager.default.contentsOfDirectory(atPath: $0.path)) ?? []
    }
    let names = Set(files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }).sorted()
    return try names.compactMap { name in
      let parameters = try Runner(workspace: workspace, overrides: ["preset=\(name)"]).parameters
      guard case .int(let folds)? = parameters["folds.count"], folds > 1,
        case .int(let epochs)? = parameters["train.epochs"], epochs > 0
      else { return nil }
      return (name, parameters["model.kind"]?.plainText ?? network, folds, epochs)
    }
  }

  /// Scores that are known of this competition: of its runs, and those that come along.
  func known(_ history: RunHistory) -> [KnownScore] {
    let slug = competition["slug"]?.plainText ?? ""
    let runs = RunTable(history).rows.compactMap { run -> KnownScore? in
      guard let score = run.metrics["evaluate.score"],
        run.parameters["competition.slug"] == JSONValue.string(slug).canonical,
        let folds = run.parameters["folds.count"].flatMap({ Int($0) }),
        let epochs = run.parameters["train.epochs"].flatMap({ Int($0) }),
        let kind = run.parameters["model.kind"]
      else { return nil }
      return KnownScore(
        network: kind.trimmingCharacters(in: ["\""]), folds: folds, epochs: epochs, score: score,
        source: "run \(run.id)")
    }
    return runs + KnownScore.builtIn(slug)
  }
}
