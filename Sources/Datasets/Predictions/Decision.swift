// From maps of probabilities to what is predicted, and how it compares with the truth.

import Imaging

extension Truth {
  /// What a map says of an image, by its kept bytes [height, width, channels].
  /// - Parameters:
  ///   - kind: what is learned.
  ///   - least: the least byte that marks a pixel of a mask.
  ///   - instances: how instances are made of foreground, border and distance.
  package init(
    kept bytes: [UInt8], _ size: ImageSize, channels: Int, kind: TargetKind, least: Int = 128,
    instances: InstanceSettings = InstanceSettings()
  ) {
    func channel(_ index: Int) -> [UInt8] {
      channels == 1 ? bytes : (0..<size.pixels).map { bytes[$0 * channels + index] }
    }
    switch kind {
    case .mask:
      self = .masks(
        (0..<channels).map {
          Mask(
            width: size.width, height: size.height,
            pixels: channel($0).map { Int($0) >= least ? 1 : 0 })
        })
    case .labels:
      self = .labels(ClassMap(width: size.width, height: size.height, labels: channel(0)))
    case .instances:
      self = .instances(
        InstanceMaps(
          width: size.width, height: size.height, foreground: channel(0), border: channel(1),
          distance: channel(2)
        ).instances(instances))
    }
  }
}

extension Tally {
  /// The counts of a prediction of one image; both of one kind.
  public init(_ predicted: Prediction, truth: Truth, classes: Int) {
    switch (predicted, truth) {
    case (.masks(let predicted), .masks(let truth)):
      self.init(predicted: predicted, truth: truth)
    case (.labels(let predicted), .labels(let truth)):
      self.init(
        predictedClasses: predicted.labels, trueClasses: truth.labels, classes: classes)
    case (.instances(let predicted), .instances(let truth)):
      self.init(predicted: [predicted], truth: [truth])
    default: preconditionFailure("a prediction of another kind than the truth")
    }
  }
}
