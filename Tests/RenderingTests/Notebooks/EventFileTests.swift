// Event files for TensorBoard: records that its readers take, with what a record holds.

import Basics
import Foundation
import Notebook
import Testing

import Rendering

struct EventFileTests {
  /// The check value of the checksum's definition.
  @Test func checksumIsThatOfTheDefinition() {
    #expect(Checksum.crc32c(Array("123456789".utf8)) == 0xE306_9283)
  }

  @Test func everyRecordHasItsLengthAndChecksums() throws {
    let events = try split(try #require(record().eventFile(group: "r")))
    // The format, parameters, two steps' numbers, a picture, the end.
    #expect(events.count == 7)
    #expect(events[0].contains("brain.Event:2"))
    #expect(
      events[1].contains("_hparams_/session_start_info") && events[1].contains("train.epochs"))
    #expect(events[2].contains("loss") && events[3].contains("score") && events[4].contains("loss"))
    #expect(events[5].contains("Worst/1 mask") && events[5].contains("PNG!"))
    #expect(events[6].contains("_hparams_/session_end_info"))
  }

  @Test func recordsWithoutStepsAndPicturesHaveNone() {
    var record = record()
    record.events = [.print("hello", line: 1, at: 0), .finished(at: 1)]
    #expect(record.eventFile(group: "r") == nil)
  }

  private func record() -> Record {
    let picture = Picture(png: Data("PNG!".utf8), width: 2, height: 1, label: "a mask")
    return Record(
      header: RecordHeader(
        stage: "train", instance: "train@0", source: "",
        parameters: .object(["train": .object(["epochs": .int(2), "budget": .null])]),
        startedAt: Date(timeIntervalSince1970: 1000)),
      events: [
        .metrics(
          StepMetrics(step: 1, values: [.init("loss", 0.5), .init("score", 0.25)]), line: 1, at: 1),
        .metrics(
          StepMetrics(step: 2, values: [.init("loss", 0.4), .init("score", nil)]), line: 1, at: 2),
        .show(
          .grid(PictureGrid(title: "Worst", columns: ["mask"], rows: [[picture]])), line: 2, at: 3),
        .finished(at: 4),
      ])
  }

  /// The events as text, each where length and checksums are right.
  private func split(_ data: Data) throws -> [String] {
    var (bytes, events) = (ArraySlice(data), [String]())
    func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
      bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    while !bytes.isEmpty {
      let length = bytes.prefix(8)
      let count = Int(number(length))
      try #require(bytes.count >= count + 16)
      #expect(number(bytes.dropFirst(8).prefix(4)) == UInt64(Checksum.masked(Array(length))))
      let event = Array(bytes.dropFirst(12).prefix(count))
      let sum = number(bytes.dropFirst(12 + count).prefix(4))
      #expect(sum == UInt64(Checksum.masked(event)))
      events.append(String(decoding: event, as: UTF8.self))
      bytes = bytes.dropFirst(16 + count)
    }
    return events
  }
}
