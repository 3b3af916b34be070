// The plan of network and training: patch, levels, batch, folds, filters and epochs, by rules from the images'
// sizes and numbers, and by what they cost on this machine. nnU-Net's planning is the model: the patch
// follows from the median size, pooling goes on while an axis has 8 pixels or more, and a batch has at most
// a twentieth of all pixels.

/// What is asked of a plan.
public struct PlanWish: Sendable, Equatable {
  /// Minutes of the whole run.
  public var minutes: Double
  /// Bytes that training may take.
  public var bytes: Double
  /// What the machine can do.
  public var cost: CostModel
  /// Predictions averaged for an image: 1 without test-time augmentation.
  public var views: Int

  /// A wish.
  public init(
    minutes: Double = 40, bytes: Double = 8e9, cost: CostModel = CostModel(), views: Int = 2
  ) {
    (self.minutes, self.bytes, self.cost, self.views) = (minutes, bytes, cost, views)
  }
}

/// Settings of network, training and folds, each with its reason, and what they take.
public struct TrainingPlan: Sendable, Equatable {
  /// The side of random crops; nil for whole images.
  public var patch: Int?
  /// The size that images are scaled to; nil for their own.
  public var resize: PixelSize?
  /// The network's name where its contracting path was trained on ImageNet; nil for a U-Net.
  public var encoder: String?
  /// Whether the contracting path was trained on ImageNet.
  public var hasEncoder: Bool { encoder != nil }
  /// Of the first level; without meaning where there is an encoder.
  public var filters = 8
  /// Resolutions, the bottom among them.
  public var levels = 5
  /// The side that whole images are padded to; nil for the next that fits.
  public var padTo: Int?
  /// Images or patches a step.
  public var batch = 16
  /// Passes over the training images.
  public var epochs = 1
  /// Patches of an image an epoch; 1 for whole images.
  public var crops = 1
  /// Models trained, each on all folds but one.
  public var folds = 3
  /// Runs that each group is cut into, where the test images go on the same groups; nil for whole groups.
  public var blocks: Int?
  /// Peak of the learning rate.
  public var learningRate = 4e-3
  /// Weights of the losses as params.yaml has them; nil for the usual ones.
  public var loss: String?
  /// Losses that take over on the way, as params.yaml has them; nil for none.
  public var phases: String?
  /// By key of params.yaml, such as "model.filters".
  public var reasons: [String: String] = [:]
  /// Of all folds, as planned.
  public var trainMinutes = 0.0
  /// Of out-of-fold and test predictions.
  public var predictMinutes = 0.0
  /// Of everything else.
  public var otherMinutes = 0.0
  /// At most, while training.
  public var bytes = 0.0
  /// The share of epochs after which the fold left out is predicted.
  var validations = 0.5
  /// What speaks against it, a sentence each.
  public var notes: [String] = []

  /// Minutes of the whole run.
  public var minutes: Double { trainMinutes + predictMinutes + otherMinutes }

  /// Images up to this many pixels are trained on as a whole.
  static let wholePixels = 256 * 256
  /// The side of patches, at most.
  static let patchSide = 256
  /// Fewer epochs than these are too few, more don't pay.
  static let epochRange = 12...240
  /// Every image, or patches of about its pixels, should be seen so often.
  static let goodViews = 40
  /// Steps of the optimizer that a fold should have: fewer, where the encoder is trained already.
  var goodSteps: Int { hasEncoder ? 1000 : 2000 }
  static let filterChoices = [8, 16, 24, 32]
  /// The network with an encoder that is taken where nobody chooses.
  static let usualEncoder = "efficientnet-lite0-unet"
  /// Resolutions of a U-Net with an encoder: it halves five times.
  static let encoderLevels = 6
  /// Batches are made smaller for the sake of steps down to this.
  static let leastBatch = 4

  /// The plan for a competition.
  public init(for findings: Findings, _ wish: PlanWish = PlanWish()) {
    chooseNetwork(findings)
    let shrink = chooseScale(findings, wish)
    choosePatch(findings, shrink)
    chooseBatch(findings, wish, shrink)
    chooseFolds(findings)
    chooseFilters(findings, wish, shrink)
    chooseTraining(findings)
  }
}
