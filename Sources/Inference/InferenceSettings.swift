// What can be chosen about predicting: the section `inference` of params.yaml, which the out-of-fold
// predictions and those of the test images share.

public import Segmentation

/// Settings of a prediction.
public struct InferenceSettings: Sendable, Equatable, CheckedParameters {
  /// The flips and turns that are averaged.
  public var tta: TTA
  /// Images a call of a network; changes speed and memory, never a result.
  public var batch: Int
  /// The share of a window that the next one covers again, 0...0.9, where a network sees windows; nil: a half.
  public var overlap: Double?

  /// Settings as they are.
  public init(tta: TTA, batch: Int, overlap: Double? = nil) {
    self.tta = tta
    self.batch = batch
    self.overlap = overlap
  }

  /// Refuses a batch that is none.
  /// - Throws: `SettingError`.
  public func check() throws {
    try SettingError.check(
      (1...65536).contains(batch), "inference.batch", "is \(batch), should be from 1 to 65536")
    try SettingError.check(
      (0...0.9).contains(overlap ?? 0), "inference.overlap",
      "is \(overlap ?? 0), should be from 0 to 0.9")
  }
}
