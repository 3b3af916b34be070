// What `work bench` measured, as data.

/// A value of a training step, and of inference.
public struct Both<Value: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
  /// Of a training step.
  public var train: Value
  /// Of inference.
  public var infer: Value

  /// A value of each.
  public init(train: Value, infer: Value) {
    self.train = train
    self.infer = infer
  }
}

/// Speed and memory of one network with one engine. As JSON, keys are in snake case.
public struct BenchReport: ToolReport, Equatable {
  /// Which network, as in "unet".
  public var model = ""
  /// Of the U-Net's first level; nil for the others.
  public var filters: Int?
  /// Rows and columns of an image, pixels.
  public var size = 0
  /// Of an image.
  public var channels = 0
  /// Logits a pixel: 1 for one mask.
  public var classes = 1
  /// Whether several classes may overlap: sigmoids, instead of a softmax.
  public var overlapping = false
  /// Images a step.
  public var batch = 0
  /// Trained values.
  public var parameters = 0
  /// Of the forward pass of an image.
  public var multiplyAdds = 0

  /// "float32" or "bfloat16".
  public var precision = ""
  /// What computes the convolutions, as in "native".
  public var backend = ""
  /// The library behind it, with its version.
  public var library = ""
  /// What the kernels were compiled for.
  public var instructionSet = ""
  /// Workers.
  public var threads = 0

  /// Timed steps.
  public var runs = Both(train: 0, infer: 0)
  /// Medians, milliseconds.
  public var trainPerImage = 0.0
  /// Of inference.
  public var inferPerImage = 0.0
  /// The fastest step's, milliseconds.
  public var best = Both(train: 0.0, infer: 0.0)
  /// 10^9 floating-point operations a second in the median: two for each multiply-add; a training step
  /// counts as three forward passes.
  public var gflops = Both(train: 0.0, infer: 0.0)
  /// Shares of time by kind of work, 0 to 1, summing up to 1; empty where the engine doesn't say.
  public var kinds = Both<[String: Double]>(train: [:], infer: [:])
  /// Planned by the engine, bytes.
  public var planned = Both(train: 0, infer: 0)
  /// The largest resident set of the process before inference began, bytes.
  public var trainPeakMemory = 0
  /// The largest resident set of the process, bytes.
  public var peakMemory = 0

  enum CodingKeys: String, CodingKey {
    case model, filters, size, channels, classes, overlapping, batch, parameters, precision
    case backend, library, threads, runs, gflops, kinds
    case multiplyAdds = "multiply_adds"
    case instructionSet = "instruction_set"
    case trainPerImage = "train_ms_per_image"
    case inferPerImage = "infer_ms_per_image"
    case best = "best_ms_per_image"
    case planned = "planned_memory_bytes"
    case trainPeakMemory = "train_peak_memory_bytes"
    case peakMemory = "peak_memory_bytes"
  }

  /// A report to be filled in.
  public init() {}
}
