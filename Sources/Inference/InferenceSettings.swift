// What can be chosen about predicting: the section `inference` of params.yaml, which the out-of-fold
// predictions and those of the test images share.

public import Segmentation

/// Settings of a prediction.
public struct InferenceSettings: Sendable, Equatable, CheckedParameters {
  /// The flips and turns that are averaged.
  public var tta: TTA
  /// Images a call of a network; changes speed and memory, never a result.
  public var batch: Int

  /// Settings as they are.
  public init(tta: TTA, batch: Int) {
    self.tta = tta
    self.batch = batch
  }

  /// Refuses a batch that is none.
  /// - Throws: `SettingError`.
  public func check() throws {
    try SettingError.check(batch >= 1, "inference.batch", "is \(batch), should be 1 or more")
  }
}
