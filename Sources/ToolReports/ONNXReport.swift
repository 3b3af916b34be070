// What `work export --onnx` wrote, as data.

/// A graph of all folds' models. As JSON, keys are in snake case.
public struct ONNXReport: ToolReport, Equatable {
  /// The name of the file with the graph.
  public static let graph = "model.onnx"

  /// How many predict together.
  public var models: Int
  /// As `inference.tta` names it.
  public var tta: String
  /// Whether images of other sizes than those of the training can be fed.
  public var takesAnySize: Bool
  /// What those who feed it need to know.
  public var notes: [String]

  enum CodingKeys: String, CodingKey {
    case models, tta, notes
    case takesAnySize = "takes_any_size"
  }

  /// A graph and what is to be known of it.
  public init(models: Int, tta: String, takesAnySize: Bool, notes: [String]) {
    self.models = models
    self.tta = tta
    self.takesAnySize = takesAnySize
    self.notes = notes
  }
}
