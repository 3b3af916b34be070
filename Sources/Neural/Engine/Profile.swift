// Where a step's time goes, by kind of work.

/// Kinds of work in a plan.
public enum WorkKind: String, Sendable, CaseIterable, Codable {
  /// Convolutions, up-convolutions and dense layers forward. Reading applies the batch norm and
  /// activation before them, and writing takes the statistics of the one behind.
  case convolutionForward = "convolution forward"
  /// Gradients of their inputs.
  case convolutionByData = "convolution by data"
  /// Gradients of their weights.
  case convolutionByWeights = "convolution by weights"
  /// Sums over gradients of batch norms, and what is left of norms and activations elsewhere.
  case normalization = "normalization and activation"
  /// Pooling.
  case pooling
  /// The loss and its gradient.
  case loss
  /// Adding up gradients over the batch.
  case reduction
  /// Bringing weights into the order of the kernels.
  case weightPreparation = "weight preparation"
  /// The update of the weights.
  case optimizer
  /// What one worker does while the others wait.
  case barrier
  /// Everything else.
  case other
}

/// Seconds of work by kind and worker.
final class Profile: @unchecked Sendable {
  // Each worker writes only its own row.
  private let seconds: Doubles
  private let workers: Int

  init(workers: Int) {
    self.workers = workers
    seconds = Doubles(workers * WorkKind.allCases.count)
    seconds.pointer.update(repeating: 0, count: seconds.count)
  }

  @inline(__always)
  func time(_ kind: WorkKind, _ worker: Int, _ body: () -> Void) {
    let start = ContinuousClock.now
    body()
    let spent = (ContinuousClock.now - start).components
    let position = worker * WorkKind.allCases.count + kind.index
    seconds.pointer[position] += Double(spent.seconds) + Double(spent.attoseconds) * 1e-18
  }

  /// Summed over workers.
  var totals: [WorkKind: Double] {
    var totals: [WorkKind: Double] = [:]
    for kind in WorkKind.allCases {
      totals[kind] = (0..<workers).reduce(0) {
        $0 + seconds.pointer[$1 * WorkKind.allCases.count + kind.index]
      }
    }
    return totals
  }
}

extension WorkKind {
  fileprivate var index: Int {
    switch self {
    case .convolutionForward: 0
    case .convolutionByData: 1
    case .convolutionByWeights: 2
    case .normalization: 3
    case .pooling: 4
    case .loss: 5
    case .reduction: 6
    case .weightPreparation: 7
    case .optimizer: 8
    case .barrier: 9
    case .other: 10
    }
  }
}
