// A stage over a folder of its own, from an order written as the runner writes it.

import Basics
import Foundation
import Notebook
import TestSupport
import Workbench

struct OrderFixture {
  let folder: TemporaryFolder
  let orderFile: String

  /// - Parameter members: members of the order, in JSON, over those of a plain one.
  init(_ members: [String: String] = [:]) throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    func at(_ path: String) -> String { "\"" + folder.url.appendingPathComponent(path).path + "\"" }
    var order = [
      "protocol": "1", "stage": "\"train\"", "instance": "\"train@2\"",
      "item": #"{"fold": 2, "part": "a"}"#,
      "root": at(""), "script": "\"/code/stages/train.swift\"",
      "params": #"{"seed": 7, "train": {"epochs": 3, "rate": 0.1}, "eda": {"bins": 4}}"#,
      "overridden": "[]", "inputs": #"["data/folds.csv", "data/train", "data/models"]"#,
      "expanded": #"{"data/models": ["data/models/fold-0", "data/models/fold-1"]}"#,
      "outputs": "{\"data/out\": \(at("tmp/0")), \"data/out.json\": \(at("tmp/1"))}",
      "scratch": at("state"), "record": at("record.jsonl"), "events": at("events.jsonl"),
      "runtime":
        #"{"threads": 3, "data": "/files", "retries": 2, "share": 0.5, "quick": true, "none": null}"#,
      "pinned": at("pinned"), "grant": "{\"file\": \(at("threads")), \"most\": 3}",
      "environment": #"{"git": "abc"}"#, "fingerprint": "\"f00d\"",
      "code": #"{"stages/train.swift": "c0de"}"#, "data": #"{"data/train": "da7a"}"#,
    ]
    order.merge(members) { $1 }
    let text = "{" + order.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    orderFile = try folder.write(text, to: "order.json").path
  }

  func stage() throws -> Stage {
    let order = try Order(contentsOf: orderFile)
    return Stage(order: order, recorder: try Recorder(order: order, source: "// source"))
  }

  func record() throws -> Record {
    try Record(contentsOf: folder.url.appendingPathComponent("record.jsonl"))
  }

  /// The lines of the events file; every one has to be a JSON object.
  func events() throws -> [JSONValue] {
    try Data(contentsOf: folder.url.appendingPathComponent("events.jsonl")).split(
      separator: UInt8(ascii: "\n")
    )
    .map { try JSONDecoder().decode(JSONValue.self, from: Data($0)) }
  }

  /// What was told of progress, in order.
  func progress() throws -> [Int] {
    try events().compactMap {
      if case .int(let done)? = $0[path: "progress.done"] { done } else { nil }
    }
  }
}
