// What can be chosen about a training: the section `train` of params.yaml, checked and turned into
// the engine's loss, optimizer and schedule.

public import Choices
public import Imaging
import Neural

/// Settings of a training.
public struct FitSettings: Sendable, Equatable, CheckedParameters {
  /// Passes over the training images.
  public var epochs: Int
  /// The time that training may take; it stands for a number of epochs, see `FitPace`. Not
  /// looked at by `Fit`.
  public var budget: TimeBudget?
  /// Images a step.
  public var batch: Int
  /// Windows of each image and epoch, where the network sees windows; nil: one.
  public var crops: Int?
  /// The share of them that lie around a mark, 0...1; nil: a half.
  public var centred: Double?
  /// Two percentiles of each channel's samples, beyond which they are clipped; nil: they aren't.
  public var percentiles: [Double]?
  /// Peak of the learning-rate schedule.
  public var learningRate: Float
  /// How the learning rate changes over the steps.
  public var schedule: ScheduleChoice
  /// Share of the schedule's steps in which one-cycle rises, 0..<1.
  public var warmup: Double
  /// Epochs of a linear rise in front of the schedule, which has the rest; 0 for none.
  public var warmupEpochs: Double
  /// Cycles of the schedule `cosine-restarts`.
  public var restarts: RestartSettings
  /// When the schedule `plateau` lowers the rate.
  public var plateau: PlateauSettings
  /// The update rule.
  public var optimizer: OptimizerChoice
  /// Weight decay, as the update rule understands it.
  public var weightDecay: Float
  /// Factor on the learning rate of the encoder's weights, and on their decay apart from the gradient;
  /// nil: 1. For networks with a published encoder.
  public var encoderRate: Float?
  /// Epochs at the beginning in which the encoder's weights stay as they are; nil: none.
  public var freezeEpochs: Int?
  /// Gradients with a larger global norm are scaled down to it; 0 never.
  public var clipNorm: Float
  /// Weights of the losses in their sum.
  public var loss: LossWeights
  /// Other weights from a share of the epochs on, in order; nil: the same all along.
  public var phases: [LossPhase]?
  /// What the loss of each smaller block's own logits counts beside that of the network's, 0 or more; nil: blocks have
  /// none.
  public var deepSupervision: Float?
  /// What the loss of whether an image holds anything counts beside that of the pixels, above 0, with
  /// `model.empty_head`; nil: `usualEmptyWeight`.
  public var emptyWeight: Float?
  /// The Lovász hinge in that sum.
  public var lovasz: LovaszSettings
  /// The focal loss in that sum.
  public var focal: FocalSettings
  /// Decay of the moving average of the weights, 0..<1; 0 keeps none.
  public var ema: Float
  /// Batch-norm statistics of the moving average; those of SWA are always measured.
  public var emaStatistics: AverageStatistics
  /// Which epochs' weights `keep: swa` averages.
  public var swa: SWASettings
  /// Which weights make the model.
  public var keep: Keep
  /// Ends of cycles whose weights predict together, the last among them, 2 or more, with `keep: snapshots`; nil:
  /// `usualSnapshots`.
  public var snapshots: Int?
  /// Validations without a better score before stopping early; 0 never stops early.
  public var patience: Int
  /// Epochs between two validations; 0 validates after the last epoch only.
  public var validateEvery: Int
  /// Training stops where the loss stays above this many times its running median; 0 never.
  public var spike: Double
  /// Random changes of training images.
  public var augmentation: Augmentation

  enum CodingKeys: String, CodingKey {
    case epochs, budget, batch, schedule, warmup, restarts, plateau, optimizer, loss, lovasz, focal,
      ema
    case swa, keep, snapshots, patience, spike, augmentation, crops, centred, percentiles, phases
    case warmupEpochs = "warmup_epochs"
    case deepSupervision = "deep_supervision"
    case emptyWeight = "empty_weight"
    case emaStatistics = "ema_statistics"
    case learningRate = "learning_rate"
    case encoderRate = "encoder_rate"
    case freezeEpochs = "freeze_epochs"
    case weightDecay = "weight_decay"
    case clipNorm = "clip_norm"
    case validateEvery = "validate_every"
  }

  /// Settings; the defaults are one-cycle AdamW on BCE + Dice without augmentation.
  public init(
    epochs: Int, budget: TimeBudget? = nil, batch: Int, learningRate: Float,
    schedule: ScheduleChoice = .oneCycle,
    warmup: Double = 0.3, warmupEpochs: Double = 0, restarts: RestartSettings = RestartSettings(),
    plateau: PlateauSettings = PlateauSettings(), optimizer: OptimizerChoice = .adamW,
    weightDecay: Float = 1e-4, clipNorm: Float = 0, loss: LossWeights = LossWeights(),
    lovasz: LovaszSettings = LovaszSettings(), focal: FocalSettings = FocalSettings(),
    ema: Float = 0, emaStatistics: AverageStatistics = .running, swa: SWASettings = SWASettings(),
    keep: Keep = .last, patience: Int = 0, validateEvery: Int = 1, spike: Double = 10,
    augmentation: Augmentation = Augmentation()
  ) {
    self.epochs = epochs
    self.budget = budget
    self.batch = batch
    self.learningRate = learningRate
    self.schedule = schedule
    self.warmup = warmup
    self.warmupEpochs = warmupEpochs
    self.restarts = restarts
    self.plateau = plateau
    self.optimizer = optimizer
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.loss = loss
    self.lovasz = lovasz
    self.focal = focal
    self.ema = ema
    self.emaStatistics = emaStatistics
    self.swa = swa
    self.keep = keep
    self.patience = patience
    self.validateEvery = validateEvery
    self.spike = spike
    self.augmentation = augmentation
  }
}

extension ScheduleChoice: NamedChoice {}
extension OptimizerChoice: NamedChoice {}
extension Keep: NamedChoice {}
extension AverageStatistics: NamedChoice {}

extension FitSettings {
  /// A fifth, as of deep supervision.
  static let usualEmptyWeight: Float = 0.2
  /// The last three cycles.
  static let usualSnapshots = 3

  /// The same with a number of epochs, in the place of a budget if there is one.
  public func with(epochs: Int) -> FitSettings {
    var settings = self
    settings.epochs = epochs
    settings.budget = nil
    return settings
  }

  /// Checks every value.
  /// - Throws: `SettingError` naming the first that cannot be used.
  public func check() throws {
    func positive(_ value: Int, _ name: String, most: Int) throws {
      try SettingError.check(
        (1...most).contains(value), "train.\(name)", "is \(value), should be from 1 to \(most)")
    }
    func atLeastZero<Value: Comparable & ExpressibleByIntegerLiteral>(
      _ value: Value, _ name: String
    ) throws {
      try SettingError.check(value >= 0, "train.\(name)", "is \(value), should not be negative")
    }
    try positive(epochs, "epochs", most: 100_000)
    try positive(batch, "batch", most: 65536)
    try positive(crops ?? 1, "crops", most: 10000)
    try SettingError.check(
      (0...1).contains(centred ?? 0), "train.centred", "is \(centred ?? 0), should be from 0 to 1")
    try SettingError.check(
      percentiles.map { $0.count == 2 && 0 <= $0[0] && $0[0] < $0[1] && $0[1] <= 100 } ?? true,
      "train.percentiles",
      "should be two numbers from 0 to 100, the lower one first, such as [0.5, 99.5]")
    try SettingError.check(
      learningRate > 0 && learningRate.isFinite, "train.learning_rate",
      "is \(learningRate), should be above 0")
    try SettingError.check(
      (0..<1).contains(warmup), "train.warmup", "is \(warmup), should be at least 0 and below 1")
    try checkSchedule()
    try SettingError.check(
      (0..<1).contains(ema), "train.ema", "is \(ema), should be at least 0 and below 1")
    try atLeastZero(weightDecay, "weight_decay")
    try SettingError.check(
      (0...1).contains(encoderRate ?? 1), "train.encoder_rate",
      "is \(encoderRate ?? 1), should be from 0 to 1")
    try SettingError.check(
      (0..<epochs).contains(freezeEpochs ?? 0), "train.freeze_epochs",
      "is \(freezeEpochs ?? 0), should be at least 0 and below the number of epochs, \(epochs)")
    try atLeastZero(clipNorm, "clip_norm")
    try atLeastZero(patience, "patience")
    try atLeastZero(validateEvery, "validate_every")
    try checkLossSettings()
    try SettingError.check(
      (0..<1).contains(swa.from), "train.swa.from",
      "is \(swa.from), should be at least 0 and below 1")
    try SettingError.check(
      spike == 0 || (spike > 1 && spike.isFinite), "train.spike",
      "is \(spike), should be above 1, such as 10; or 0, to go on whatever the loss does")
    try checkLossWeights()
    try SettingError.check(
      (deepSupervision ?? 0) >= 0 && (deepSupervision ?? 0).isFinite, "train.deep_supervision",
      "is \(deepSupervision ?? 0), should be 0 or more, or null")
    try SettingError.check(
      emptyWeight.map { $0 > 0 && $0.isFinite } ?? true, "train.empty_weight",
      "is \(emptyWeight ?? 0), should be above 0, or null")
    try SettingError.check(
      keep != .ema || ema > 0, "train.keep",
      "is ema, but train.ema is 0, so that no moving average is kept; try train.ema: 0.999")
    try SettingError.check(
      keep != .snapshots || schedule == .cosineRestarts, "train.keep",
      "is snapshots, those at the ends of cycles, but train.schedule is \(schedule.rawValue), which has none; try "
        + "train.schedule: cosine-restarts")
    try SettingError.check(
      (2...20).contains(snapshots ?? Self.usualSnapshots), "train.snapshots",
      "is \(snapshots ?? 0), should be from 2 to 20, or null")
    try SettingError.check(
      !needsValidation || validateEvery > 0, "train.validate_every",
      "is 0, but keep: best, patience, and a plateau of the fold left out need validation")
  }

  private func checkSchedule() throws {
    func check(_ condition: Bool, _ name: String, _ value: Any, _ wanted: String) throws {
      try SettingError.check(condition, "train.\(name)", "is \(value), should be \(wanted)")
    }
    try check(
      warmupEpochs >= 0 && warmupEpochs < Double(epochs), "warmup_epochs", warmupEpochs,
      "at least 0 and below the number of epochs, \(epochs)")
    try check(
      (1...100_000).contains(restarts.epochs), "restarts.epochs", restarts.epochs,
      "from 1 to 100000")
    try check(
      (1...1000).contains(restarts.multiplier), "restarts.multiplier", restarts.multiplier,
      "from 1 to 1000")
    try check(plateau.patience >= 0, "plateau.patience", plateau.patience, "0 or more")
    try check(plateau.cooldown >= 0, "plateau.cooldown", plateau.cooldown, "0 or more")
    try check(
      plateau.factor > 0 && plateau.factor < 1, "plateau.factor", plateau.factor,
      "above 0 and below 1")
    try check(
      (0..<1).contains(plateau.threshold), "plateau.threshold", plateau.threshold,
      "at least 0 and below 1")
    try check((0...1).contains(plateau.floor), "plateau.floor", plateau.floor, "from 0 to 1")
  }

  /// Whether something in training is decided by validation.
  var needsValidation: Bool {
    keep == .best || patience > 0 || (schedule == .plateau && plateau.watch != .trainingLoss)
  }

  /// The engine's optimizer.
  var engineOptimizer: Optimizer {
    let method: Optimizer.Method =
      switch optimizer {
      case .adamW: .adamW(weightDecay: weightDecay)
      case .adam: .adam(weightDecay: weightDecay)
      case .sgd: .sgd(weightDecay: weightDecay)
      }
    return Optimizer(
      method, gradientClip: clipNorm > 0 ? clipNorm : nil, averageDecay: ema > 0 ? ema : nil,
      keepsSWA: keep == .swa)
  }

  /// The factor on the learning rate of the encoder's weights in an epoch (from 1).
  func encoderRate(epoch: Int) -> Float { epoch <= freezeEpochs ?? 0 ? 0 : encoderRate ?? 1 }

  /// The learning rate of a step (from 0) out of `total`; of the schedule `plateau`, before it is
  /// lowered.
  public func learningRate(step: Int, of total: Int) -> Float {
    let perEpoch = Double(total) / Double(epochs)
    var engine: Schedule =
      switch schedule {
      case .oneCycle: .oneCycle(peak: learningRate, warmup: warmup)
      case .cosine: .cosine(peak: learningRate)
      case .cosineRestarts:
        .cosineRestarts(
          peak: learningRate, period: Int((Double(restarts.epochs) * perEpoch).rounded()),
          multiplier: restarts.multiplier)
      case .plateau, .constant: .constant(rate: learningRate)
      }
    if warmupEpochs > 0 {
      engine = .warmup(steps: Int((warmupEpochs * perEpoch).rounded()), then: engine)
    }
    return engine.rate(step: step, of: total)
  }
}
