// The executed record: what happened when a stage ran, one JSON object a line, appended as it happens,
// so that a crash leaves everything up to it. Knows nothing of HTML or of the runner.

public import Foundation

/// The first line of a record: what ran, from which source, with which parameters.
public struct RecordHeader: Codable, Sendable, Equatable {
  /// Of the record's format; a reader refuses one that it does not know.
  public var version = 1
  public var stage: String
  /// `stage`, or for an instance of a `foreach` stage its name, as in "train@2".
  public var instance: String
  /// The script's text as it was when it ran.
  public var source: String
  /// The parameters that the stage declared, as one JSON object.
  public var parameters: JSONValue
  /// Keys of parameters set on the command line for this run.
  public var overridden: [String]
  public var startedAt: Date
  /// What can be told of machine and libraries, for instance ["cpu": …, "swift": …].
  public var environment: [String: String]

  /// A header for a run that starts now.
  public init(
    stage: String, instance: String, source: String, parameters: JSONValue,
    overridden: [String] = [], startedAt: Date = Date(), environment: [String: String] = [:]
  ) {
    self.stage = stage
    self.instance = instance
    self.source = source
    self.parameters = parameters
    self.overridden = overridden
    self.startedAt = startedAt
    self.environment = environment
  }
}

/// One line of a record. `line` is the script's line (1-based) at which the call stands; `at` is in
/// seconds since the start.
public enum RecordEvent: Codable, Sendable, Equatable {
  case begin(RecordHeader)
  /// A code cell begins at `cell(title)`.
  case cell(title: String, line: Int, at: Double)
  case show(Display, line: Int, at: Double)
  /// Printed text; successive prints of one line of the script are joined by the reader.
  case print(String, line: Int, at: Double)
  case warning(String, line: Int, at: Double)
  /// The stage ended with an error; `line` is nil where it isn't known.
  case failed(message: String, line: Int?, at: Double)
  case finished(at: Double)
}

/// A record read back: its header, its events in order, and whether it ran to its end.
public struct Record: Sendable, Equatable {
  public enum Outcome: Sendable, Equatable {
    case finished
    case failed(message: String, line: Int?)
    /// No end was written: the process was killed, or is still running.
    case interrupted
  }

  public var header: RecordHeader
  public var events: [RecordEvent]

  /// How the run ended.
  public var outcome: Outcome {
    switch events.last {
    case .finished: .finished
    case .failed(let message, let line, _): .failed(message: message, line: line)
    default: .interrupted
    }
  }

  /// Reads a record from its file. A torn last line (a crash in mid-write) is left out.
  ///
  /// - Throws: `RecordError` where the file is missing, has no header or is of an unknown version.
  public init(contentsOf url: URL) throws {
    let data: Data
    do { data = try Data(contentsOf: url) } catch {
      throw RecordError(message: "\(url.path): can't read the record (\(error.localizedDescription))")
    }
    let decoder = JSONDecoder()
    var events: [RecordEvent] = []
    for line in data.split(separator: UInt8(ascii: "\n")) {
      guard let event = try? decoder.decode(RecordEvent.self, from: Data(line)) else { break }
      events.append(event)
    }
    guard case .begin(let header)? = events.first else {
      throw RecordError(message: "\(url.path): not a record (no header in its first line)")
    }
    guard header.version == 1 else {
      throw RecordError(
        message: "\(url.path): a record of version \(header.version); this program reads version 1")
    }
    self.header = header
    self.events = Array(events.dropFirst())
  }
}

/// Why a record could not be read.
public struct RecordError: Error, Sendable, CustomStringConvertible {
  public var message: String
  public var description: String { message }
}
