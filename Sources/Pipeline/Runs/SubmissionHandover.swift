// How a submission was handed in at Kaggle, noted before Kaggle is told: a command that is cut off between the order and
// the answer leaves what the next one needs to find the submission, so that nothing is submitted twice.

public import Foundation

extension SubmissionLedger {
  /// A submission at Kaggle, or the attempt at one.
  public struct Handover: Sendable, Equatable, Codable {
    /// The name of the file there.
    public var name: String
    /// What was said of it.
    public var message: String
    /// When it was sent, in UTC, ISO 8601.
    public var begun: String
    /// Submissions of the same name and message that there were before; nil once `ref` is known.
    public var before: [Int]?
    /// Its number at Kaggle; nil where no answer has come yet.
    public var ref: Int?
    /// The notebook whose output it is, as `owner/name/version`; nil for a file.
    public var notebook: String?

    /// An attempt whose answer hasn't come yet.
    public init(
      name: String, message: String, begun: Date, before: [Int], notebook: String? = nil
    ) {
      (self.name, self.message, self.notebook) = (name, message, notebook)
      (self.begun, self.before) = (RunFolder.timestamp(begun), before)
    }

    /// The same when Kaggle has given it a number; unchanged where that isn't known.
    public func made(_ ref: Int?) -> Handover {
      guard let ref else { return self }
      var made = self
      (made.ref, made.before) = (ref, nil)
      return made
    }
  }

  /// Notes how a submission was handed in.
  ///
  /// - Returns: the entry as it is now.
  /// - Throws: `PipelineError` where there is no such submission, `FileError` where the ledger can't be written.
  @discardableResult
  public mutating func set(_ number: Int, _ handover: Handover) throws -> Entry {
    try change(number) { $0.kaggle = handover }
  }
}
