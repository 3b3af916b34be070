// What can be chosen about predicting: the section `inference` of params.yaml, which the out-of-fold
// predictions and those of the test images share.

/// Settings of a prediction.
public struct InferenceSettings: Sendable, Equatable, Codable {
  /// The flips and turns that are averaged.
  public var tta: TTA
  /// Images a call of a network; changes speed and memory, never a result.
  public var batch: Int
}
