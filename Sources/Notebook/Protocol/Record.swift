// The executed record: what happened when a stage ran, one JSON object a line, appended as it
// happens, so that a crash leaves everything up to it. Knows nothing of HTML or of the runner.

public import Basics
public import Foundation

/// The first line of a record: what ran, from which source, with which parameters.
public struct RecordHeader: Codable, Sendable, Equatable {
  /// The version that this library writes and reads.
  public static let currentVersion = 1

  /// Of the record's format; a reader refuses one that it does not know.
  public var version = currentVersion
  /// The stage's name.
  public var stage: String
  /// `stage`, or for an instance of a `foreach` stage its name, as in "train@2".
  public var instance: String
  /// The script's text as it was when it ran.
  public var source: String
  /// The parameters that the stage declared, as one JSON object.
  public var parameters: JSONValue
  /// Keys of parameters set on the command line for this run.
  public var overridden: [String]
  /// When the run began.
  public var startedAt: Date
  /// What can be told of machine and libraries, for instance ["cpu": …, "swift": …].
  public var environment: [String: String]
  /// Hash of all that the stage's outputs are a function of; nil where the runner told none.
  public var fingerprint: String?
  /// Hashes of the script and of the modules that it imports, by name.
  public var code: [String: String]?
  /// Hashes of the inputs, by path.
  public var data: [String: String]?

  /// A header for a run that starts now.
  public init(
    stage: String, instance: String, source: String, parameters: JSONValue,
    overridden: [String] = [], startedAt: Date = Date(), environment: [String: String] = [:],
    fingerprint: String? = nil, code: [String: String]? = nil, data: [String: String]? = nil
  ) {
    self.stage = stage
    self.instance = instance
    self.source = source
    self.parameters = parameters
    self.overridden = overridden
    self.startedAt = startedAt
    self.environment = environment
    self.fingerprint = fingerprint
    self.code = code
    self.data = data
  }
}

/// One line of a record. `line` is the script's line (1-based) at which the call stands; `at` is in
/// seconds since the start.
public enum RecordEvent: Codable, Sendable, Equatable {
  case begin(RecordHeader)
  /// A code cell begins at `cell(title)`.
  case cell(title: String, line: Int, at: Double)
  /// Something shown. Of displays with the same `key` the last one stands, in the place of the one before
  /// where the same line of the same cell showed both: so a curve grows while the stage runs.
  case show(Display, line: Int, at: Double, key: String? = nil)
  /// Printed text; successive prints of one line of the script are joined by the reader.
  case print(String, line: Int, at: Double)
  /// Numbers told by step; a page draws them as curves in the cell that told them first.
  case metrics(StepMetrics, line: Int, at: Double)
  case warning(String, line: Int, at: Double)
  /// The stage ended with an error; `line` is nil where it isn't known.
  case failed(message: String, line: Int?, at: Double)
  case finished(at: Double)
}
