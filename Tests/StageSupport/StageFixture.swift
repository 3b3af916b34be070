// A stage over a folder of its own, as the runner would start one.

public import Basics
import Foundation
import Notebook
public import TestSupport
public import Workbench

/// What a stage gets, and what it told.
public struct StageFixture {
  /// The workspace. The stage's scratch is its folder `state`; outputs lie in `new`.
  public let folder: TemporaryFolder
  /// The declared parameters.
  public var parameters: [String: JSONValue]
  /// The declared inputs.
  public var inputs: [String]
  /// The declared outputs.
  public var outputs: [String]
  /// Values of `foreach` axes.
  public var item: [String: JSONValue] = [:]

  /// A stage with its declarations.
  public init(
    _ folder: TemporaryFolder, parameters: [String: JSONValue] = [:], inputs: [String] = [],
    outputs: [String] = []
  ) {
    self.folder = folder
    self.parameters = parameters
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The stage, from an order on disk.
  public func stage() throws -> Stage {
    func path(_ name: String) -> JSONValue {
      .string(folder.url.appendingPathComponent(name).path)
    }
    for name in ["state", "pinned"] {
      try FileManager.default.createDirectory(
        at: folder.url.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    let order: [String: JSONValue] = [
      "protocol": .int(1), "stage": .string("test"), "instance": .string("test"),
      "item": .object(item), "root": .string(folder.url.path),
      "script": .string("stages/test.swift"), "params": .object(parameters),
      "overridden": .array([]), "inputs": .array(inputs.map { .string($0) }),
      "expanded": .object([:]),
      "outputs": .object(Dictionary(uniqueKeysWithValues: outputs.map { ($0, path("new/\($0)")) })),
      "scratch": path("state"), "record": path("record.jsonl"), "events": path("events.jsonl"),
      "pinned": path("pinned"), "runtime": .object(["threads": .int(2)]),
      "grant": .object(["file": path("threads"), "most": .int(2)]), "environment": .object([:]),
    ]
    let file = try folder.write(JSONEncoder().encode(order), to: "order.json")
    let read = try Order(contentsOf: file.path)
    return Stage(order: read, recorder: try Recorder(order: read, source: ""))
  }
}
