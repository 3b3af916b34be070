// Several ways to spend the same hours on a competition that params.yaml describes already: network, folds and epochs
// vary, all else stays as params.yaml has it. The costs are those of TrainingPlan.

/// What a plan takes from the parameters that there are.
public struct PlanFrame: Sendable, Equatable {
  /// The side of windows; nil for whole images.
  public var patch: Int?
  /// The size that images are scaled to; nil for their own.
  public var resize: PixelSize?
  /// The side that whole images are padded to; nil for the next that fits.
  public var padTo: Int?
  /// Of a U-Net without an encoder.
  public var filters = 8
  /// Of a U-Net without an encoder, the bottom among them.
  public var levels = 5
  /// Images or windows a step.
  public var batch = 16
  /// Windows of an image an epoch.
  public var crops = 1
  /// A fold is validated every so many epochs; 0 for only after the last.
  public var validateEvery = 4

  /// The frame of params.yaml as this project has it.
  public init() {}
}

/// One way to spend the hours.
public struct PlanOption: Sendable, Equatable {
  /// The preset that says the same; nil for what was planned to fit.
  public var preset: String?
  /// Network, folds, epochs and what they take.
  public var plan: TrainingPlan
  /// As `inference.tta` has it.
  public var tta: String
  /// What it should score; nil where nothing is known of the network.
  public var expected: ExpectedScore?

  /// As `model.kind` has it.
  public var network: String { plan.encoder ?? "unet" }
}

/// What is asked of the options.
public struct OptionsWish: Sendable {
  /// Minutes of the whole run, what the machine can do, and the views of an image in prediction.
  public var wish: PlanWish
  /// The test-time augmentation of those views, as `inference.tta` has it.
  public var tta: String
  /// As `model.kind` names them; "unet" is the one without an encoder.
  public var networks: [String]
  /// Presets by name, with their folds and epochs and the network.
  public var presets: [(name: String, network: String, folds: Int, epochs: Int)]
  /// Settings whose score is known.
  public var known: [KnownScore]

  /// What is asked of the options.
  public init(
    _ wish: PlanWish, tta: String, networks: [String],
    presets: [(name: String, network: String, folds: Int, epochs: Int)] = [],
    known: [KnownScore] = []
  ) {
    (self.wish, self.tta, self.networks) = (wish, tta, networks)
    (self.presets, self.known) = (presets, known)
  }
}

extension TrainingPlan {
  /// Models to train, with the epochs that each should have before more of them pay: about what the presets ask.
  static let foldChoices = [(folds: 10, epochs: 60), (folds: 5, epochs: 24), (folds: 3, epochs: 1)]

  /// The plan of a setting: its costs and nothing chosen.
  ///
  /// - Parameters:
  ///   - network: as `model.kind` has it.
  ///   - epochs: nil for as many as fit.
  package init(
    _ findings: Findings, _ wish: PlanWish, in frame: PlanFrame, network: String, folds: Int,
    epochs: Int?
  ) {
    encoder = network == "unet" ? nil : network
    patch = frame.patch
    resize = frame.resize
    padTo = frame.padTo
    filters = frame.filters
    levels = hasEncoder ? Self.encoderLevels : frame.levels
    batch = frame.batch
    crops = frame.patch == nil ? 1 : frame.crops
    validations = frame.validateEvery > 0 ? 1 / Double(frame.validateEvery) : 0
    self.folds = folds
    var findings = findings
    if let size = frame.resize {
      findings.size = size
      findings.medianSize = size
      findings.trainPixels = findings.trainCount * size.width * size.height
    }
    otherMinutes = Self.otherMinutes(findings, wish)
    predictMinutes = predictionMinutes(findings, wish, 1)
    let epochMinutes = epochMinutes(findings, wish, 1)
    let left = wish.minutes - otherMinutes - predictMinutes
    self.epochs = epochs ?? min(Self.epochRange.upperBound, max(0, Int(left / epochMinutes)))
    trainMinutes = Double(self.epochs) * epochMinutes
    bytes = memory(findings, wish, 1)
  }
}

extension PlanOption {
  /// A few settings that fit into the minutes and the memory that there are: presets, and for each network as many
  /// folds and epochs as pay. Those that should score most come first.
  public static func options(
    for findings: Findings, _ asked: OptionsWish, in frame: PlanFrame
  ) -> [PlanOption] {
    func option(_ network: String, _ folds: Int, _ epochs: Int?, preset: String? = nil)
      -> PlanOption
    {
      let plan = TrainingPlan(
        findings, asked.wish, in: frame, network: network, folds: folds, epochs: epochs)
      return PlanOption(
        preset: preset, plan: plan, tta: asked.tta,
        expected: ExpectedScore(
          network: network, folds: folds, epochs: plan.epochs, among: asked.known))
    }
    let most = findings.groups == nil ? findings.trainCount : findings.groupCounts.count
    let presets = asked.presets.filter { $0.folds <= most }
      .map { option($0.network, $0.folds, $0.epochs, preset: $0.name) }
    let planned = asked.networks.compactMap { network -> PlanOption? in
      TrainingPlan.foldChoices.filter { $0.folds <= most }.lazy
        .map { (option(network, $0.folds, nil), $0.epochs) }
        .first { $0.plan.epochs >= $1 }?.0
    }
    let fitting = (presets + planned).filter {
      $0.plan.minutes <= asked.wish.minutes * 1.001 && $0.plan.bytes <= asked.wish.bytes
    }
    // What is planned and happens to be a preset stands once.
    var seen: Set<[String]> = []
    return fitting.filter {
      seen.insert([$0.network, "\($0.plan.folds)", "\($0.plan.epochs)"]).inserted
    }.sorted { a, b in
      guard let x = a.expected, let y = b.expected else {
        return a.expected != nil && b.expected == nil
      }
      return x.score == y.score
        ? a.plan.trainMinutes > b.plan.trainMinutes : x.score > y.score
    }
  }

  /// The keys of params.yaml that the option sets, with their values, in the order of the file. A change between a
  /// U-Net and a network with an encoder brings along what goes with it, as `work init` plans it.
  ///
  /// - Parameter network: the one that params.yaml has.
  public func values(from network: String) -> [(key: String, value: String)] {
    var values: [(String, String)] = [("folds.count", "\(plan.folds)")]
    if self.network != network {
      values += [
        ("model.kind", self.network), ("model.weights", plan.hasEncoder ? "imagenet" : "none"),
      ]
      if !plan.hasEncoder { values.append(("model.decoder", "unet")) }
    }
    values.append(("train.epochs", "\(plan.epochs)"))
    if plan.hasEncoder != (network != "unet") {
      values += [
        ("train.learning_rate", plan.hasEncoder ? "2.0e-3" : "4.0e-3"),
        ("train.encoder_rate", plan.hasEncoder ? "0.5" : "null"),
      ]
    }
    values.append(("inference.tta", tta))
    return values
  }
}
