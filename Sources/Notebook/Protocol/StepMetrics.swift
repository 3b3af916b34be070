// Numbers that a stage tells step by step, such as the losses of each epoch: what a record keeps of one
// step. How they are drawn is Rendering's business.

/// Named numbers as they were after one step.
public struct StepMetrics: Codable, Sendable, Equatable {
  /// One number of the step.
  public struct Value: Codable, Sendable, Equatable {
    /// The name, as in "training loss". It decides which curves share a chart (docs/notebooks.md).
    public var name: String
    /// The number; nil where the step has none, as in an epoch without validation. It need not be finite.
    public var value: Double?

    /// A named number, or the name of one that this step doesn't have.
    public init(_ name: String, _ value: Double?) {
      self.name = name
      self.value = value
    }
  }

  /// The step, counted from 1 as a rule.
  public var step: Int
  /// How many steps there are going to be; nil where nobody knows.
  public var of: Int?
  /// What a step is, as in "epoch".
  public var unit: String
  /// The numbers, in the order in which they are drawn.
  public var values: [Value]

  /// The numbers of one step.
  public init(step: Int, of total: Int? = nil, unit: String = "epoch", values: [Value]) {
    self.step = step
    of = total
    self.unit = unit
    self.values = values
  }
}
