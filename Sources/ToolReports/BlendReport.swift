// What `work blend` found, as data.

/// The blend of several runs' predictions, and what each run scores by itself.
public struct BlendReport: ToolReport, Equatable {
  /// One run, or the blend.
  public struct Score: Codable, Sendable, Equatable {
    /// Out of fold, thresholds chosen on the other folds.
    public var mean: Double
    /// Of each fold.
    public var folds: [Double]
    /// Of each image, in the same order for all.
    public var images: [Double]

    /// A score with its parts.
    public init(mean: Double, folds: [Double], images: [Double]) {
      (self.mean, self.folds, self.images) = (mean, folds, images)
    }
  }

  /// The runs, in the order in which they were named.
  public var runs: [String]
  /// What each scores by itself.
  public var singles: [Score]
  /// How often each run is in the blend of the submission, chosen on all folds.
  public var counts: [Int]
  /// How often each is in the blend that a fold is judged with, chosen on the other folds.
  public var foldCounts: [[Int]]
  /// What the blend scores, each fold by weights and thresholds of the others.
  public var blend: Score
  /// The thresholds of the submission, by name.
  public var decisions: [String: Double]
  /// Rows of the submission.
  public var rows: Int
  /// Rows with an empty mask.
  public var empty: Int

  enum CodingKeys: String, CodingKey {
    case runs, singles, counts, blend, decisions, rows, empty
    case foldCounts = "fold_counts"
  }

  /// A report.
  public init(
    runs: [String], singles: [Score], counts: [Int], foldCounts: [[Int]], blend: Score,
    decisions: [String: Double], rows: Int, empty: Int
  ) {
    (self.runs, self.singles, self.counts) = (runs, singles, counts)
    (self.foldCounts, self.blend, self.decisions) = (foldCounts, blend, decisions)
    (self.rows, self.empty) = (rows, empty)
  }
}
