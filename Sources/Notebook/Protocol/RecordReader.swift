// Reading a record back, whatever a crash has left of it. Knows nothing of HTML or of the runner.

import Basics
public import Foundation

/// A record read back: its header, its events in order, and whether it ran to its end.
public struct Record: Sendable, Equatable {
  /// How a run ended.
  public enum Outcome: Sendable, Equatable {
    case finished
    case failed(message: String, line: Int?)
    /// No end was written: the process was killed, or is still running.
    case interrupted
  }

  /// What ran.
  public var header: RecordHeader
  /// What happened, in order; a display that a later one of its key replaced is left out.
  public var events: [RecordEvent]
  /// Lines that could not be read, other than a torn last one; a page says so.
  public var damagedLines: Int

  /// A record from its parts.
  public init(header: RecordHeader, events: [RecordEvent], damagedLines: Int = 0) {
    self.header = header
    self.events = Self.withoutReplaced(events)
    self.damagedLines = damagedLines
  }

  /// Leaves out displays that a later one of their key replaced. One that the same line showed again in the
  /// same cell takes the place of that before, so that a curve grows where it is.
  private static func withoutReplaced(_ events: [RecordEvent]) -> [RecordEvent] {
    var positions: [String: (index: Int, line: Int, cell: Int)] = [:]
    var kept: [RecordEvent?] = []
    var cell = 0
    for event in events {
      if case .cell = event { cell += 1 }
      guard case .show(_, let line, _, let key?) = event else {
        kept.append(event)
        continue
      }
      if let position = positions[key] {
        kept[position.index] = nil
        if position.line == line, position.cell == cell {
          kept[position.index] = event
          continue
        }
      }
      positions[key] = (kept.count, line, cell)
      kept.append(event)
    }
    return kept.compactMap { $0 }
  }

  /// How the run ended.
  public var outcome: Outcome {
    switch events.last {
    case .finished: .finished
    case .failed(let message, let line, _): .failed(message: message, line: line)
    default: .interrupted
    }
  }

  /// Seconds from the start to the last event.
  public var seconds: Double { events.map(\.at).max() ?? 0 }

  /// The key figures that head the page: those shown last.
  public var figures: [Figure] {
    for case .show(.figures(let figures), _, _, _) in events.reversed() { return figures }
    return []
  }
}

extension Record {
  /// Reads a record from its file. A torn last line (a crash in mid-write) is left out.
  ///
  /// - Throws: `RecordError` where the file is missing, has no header or is of an unknown version.
  public init(contentsOf url: URL) throws {
    let data: Data
    do { data = try Data(contentsOf: url) } catch {
      throw RecordError(
        message: "\(url.path): can't read the record (\(systemReason(error)))")
    }
    try self.init(data: data, name: url.path)
  }

  /// Reads a record from the bytes of its file; `name` is for messages.
  ///
  /// - Throws: `RecordError` where there is no header or it is of an unknown version.
  public init(data: Data, name: String) throws {
    let decoder = JSONDecoder.ofRecords()
    let lines = data.split(separator: UInt8(ascii: "\n"))
    guard let first = lines.first.map({ Data($0) }),
      let version = try? decoder.decode([String: [String: VersionOnly]].self, from: first)
    else { throw RecordError(message: "\(name): not a record (no header in its first line)") }
    // The version is looked at alone, since a later header may have another shape.
    if let found = version["begin"]?["_0"]?.version, found != RecordHeader.currentVersion {
      throw RecordError(
        message: "\(name): a record of version \(found); this program reads version "
          + "\(RecordHeader.currentVersion). Run the stage again, or use the version that wrote it."
      )
    }
    guard case .begin(let header)? = try? decoder.decode(RecordEvent.self, from: first) else {
      throw RecordError(message: "\(name): not a record (no header in its first line)")
    }
    var events: [RecordEvent] = []
    var damaged = 0
    for (index, line) in lines.enumerated().dropFirst() {
      if let event = try? decoder.decode(RecordEvent.self, from: Data(line)) {
        events.append(event)
      } else if index < lines.count - 1 || data.last == UInt8(ascii: "\n") {
        damaged += 1
      }
    }
    self.init(header: header, events: events, damagedLines: damaged)
  }

  private struct VersionOnly: Decodable { var version: Int? }
}

extension RecordEvent {
  /// Seconds since the start of the run.
  public var at: Double {
    switch self {
    case .begin: 0
    case .cell(_, _, let at), .show(_, _, let at, _), .print(_, _, let at),
      .metrics(_, _, let at), .warning(_, _, let at), .failed(_, _, let at), .finished(let at):
      at
    }
  }
}

/// Why a record could not be read.
public struct RecordError: Error, Sendable, CustomStringConvertible {
  /// The file and what is wrong with it.
  public var message: String
  /// The message.
  public var description: String { message }
}
