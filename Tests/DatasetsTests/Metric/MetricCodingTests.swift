// The metric in params.yaml, and commands of the user's own.

import Basics
import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct MetricCodingTests {
  private func decode(_ json: String) throws -> Metric {
    try JSONDecoder().decode([Metric].self, from: Data("[\(json)]".utf8))[0]
  }

  @Test func namesAndSections() throws {
    #expect(try decode("\"iou\"") == .iou)
    #expect(
      try decode(#"{"unit": "pixels", "measure": "iou", "empty": "zero"}"#)
        == Metric(unit: .pixels, measure: .iou, empty: .zero))
    #expect(
      try decode(
        #"{"unit": "instance", "measure": "f-beta-thresholds", "beta": 2, "thresholds": [0.5, 0.55, 0.29]}"#
          .replacingOccurrences(of: ", 0.29", with: ", 0.57"))
        == Metric(
          unit: .instance, measure: .fBetaThresholds, betaHundredths: 200, thresholds: [50, 55, 57])
    )
    #expect(try decode(#"{"measure": "dice"}"#) == .dice)
    let command = try decode(#"{"command": "python3 score.py {truth} {submission}"}"#)
    #expect(command.command == "python3 score.py {truth} {submission}")
    #expect(command.measure == .dice && command.name == "command")
  }

  @Test func whatIsWrittenReadsAgain() throws {
    for metric in [
      Metric.meanPrecision, Metric(unit: .instance),
      Metric(unit: .imageClass, measure: .fBeta, betaHundredths: 50, empty: .truthOnly),
      Metric(measure: .dice, command: "a {truth} {submission}"),
    ] {
      let json = String(decoding: try JSONEncoder().encode([metric]), as: UTF8.self)
      #expect(try JSONDecoder().decode([Metric].self, from: Data(json.utf8)) == [metric])
    }
    #expect(try JSONEncoder().encode([Metric.iou]) == Data("[\"iou\"]".utf8))
    #expect(Metric(unit: .instance).name == "instance precision")
    #expect(Metric(measure: .fBeta, betaHundredths: 200).name == "image f-beta 2.0")
  }

  static let mistakes: [(String, String)] = [
    ("\"map\"", "mean-precision, dice, iou"),
    (#"{"unit": "object", "measure": "iou"}"#, "image, image-class, pixels, instance"),
    (#"{"measure": "jaccard"}"#, "dice, iou, f-beta, precision, f-beta-thresholds"),
    (#"{"measure": "dice", "empty": "none"}"#, "one, zero, skip, truth-only"),
    (#"{"measure": "dice", "unti": "pixels"}"#, "did you mean “unit”?"),
    (#"{"measure": "f-beta", "beta": 0}"#, "0.01 to 100"),
    (#"{"measure": "precision", "thresholds": [0.5, 1]}"#, "0.01 to 0.99"),
    (#"{"measure": "precision", "thresholds": [0.6, 0.5]}"#, "ascending"),
    (#"{"command": "python3 score.py {truth}"}"#, "{submission}"),
  ]

  @Test(arguments: mistakes)
  func mistakesListTheChoices(json: String, words: String) {
    let error = #expect(throws: DecodingError.self) { try decode(json) }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("\(error.map { "\($0)" } ?? "none")")
      return
    }
    #expect(context.debugDescription.contains(words), "\(context.debugDescription)")
  }

  @Test func aCommandPrintsTheScore() throws {
    let folder = try TemporaryFolder()
    let truth = folder.url.appendingPathComponent("the truth's.csv")
    let submission = folder.url.appendingPathComponent("submission.csv")
    try Data("1\n2\n".utf8).write(to: truth)
    try Data("1\n".utf8).write(to: submission)
    func score(_ command: String, seconds: Int = 60) throws -> Double {
      var command = try MetricCommand(command + " # {truth} {submission}")
      command.seconds = seconds
      return try command.score(truth: truth, submission: submission, folder: folder.url)
    }
    #expect(
      try MetricCommand("cat {truth} {submission} | wc -l")
        .score(truth: truth, submission: submission, folder: folder.url) == 3)
    #expect(try score("echo mean IoU -0.4512e1. '(20 images)'; echo") == -4.512)
    for (command, words) in [
      ("echo no file 3 >&2; exit 4", "failed with status 4; it said:\n  no file 3"),
      ("echo nothing", "printed no number"), ("echo nan", "printed no number"),
    ] {
      let error = #expect(throws: InputError.self) { try score(command) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    let error = #expect(throws: InputError.self) { try score("sleep 60", seconds: 1) }
    #expect(error?.description.contains("took more than 1 s") == true)
    #expect(throws: SettingError.self) { try MetricCommand("echo {truth}") }
  }
}
