// Values that a stage finds out once and then keeps to, such as the number of epochs that a time budget
// comes to. All instances that differ in their item alone share them; the lock keeps them, so that a
// run with the same lock takes the same values, wherever it runs.

import Basics
import Foundation

/// The values of a stage's instances that have code, parameters and inputs in common: one JSON file a
/// value, named as the value, in a folder that outlives a crash.
struct PinnedValues {
  let folder: URL
  private let stage: String
  private let fingerprint: String
  private static let ending = ".json"

  /// - Parameter entry: what the instance is made of now.
  init(_ workspace: Workspace, _ instance: Instance, _ entry: Lock.Entry) {
    stage = instance.stage
    fingerprint = Self.fingerprint(entry)
    folder = workspace.pinned
      .appendingPathComponent("\(stage)-\(fingerprint.prefix(16))", isDirectory: true)
  }

  private static func fingerprint(_ entry: Lock.Entry) -> String {
    Manifest(
      item: [], outputs: [], code: entry.code, parameters: entry.parameters,
      inputs: entry.inputs.mapValues(\.hash)
    ).fingerprint
  }

  /// Brings what the lock knows from an earlier run. The stage makes the folder where it isn't there.
  func prepare(from lock: Lock) throws {
    for value in locked(lock) where !WholeFile.exists(file(value.key)) {
      try WholeFile.write(json: value.value, to: file(value.key))
    }
  }

  /// Whether a result that came about with other values of its own goes with what is known by now.
  func agree(with found: [String: JSONValue], _ lock: Lock) throws -> Bool {
    try (values() + locked(lock)).allSatisfy { known in
      found[known.key].map { $0.canonical == known.value.canonical } ?? true
    }
  }

  private func locked(_ lock: Lock) -> [JSONValue.Member] {
    lock.entries.sorted { $0.key < $1.key }.filter { name, entry in
      !entry.pinned.isEmpty && name.prefix(while: { $0 != "@" }) == stage
        && Self.fingerprint(entry) == fingerprint
    }.flatMap(\.value.pinned)
  }

  /// Removes the folders that nobody goes on with: once an instance has finished, the lock has its values,
  /// and others get them from there.
  static func sweep(_ workspace: Workspace, _ graph: Graph) throws {
    let folders =
      (try? FileManager.default.contentsOfDirectory(atPath: workspace.pinned.path)) ?? []
    for folder in folders {
      let stage = folder.split(separator: "-").dropLast().joined(separator: "-")
      let isNeeded = graph.instances.contains {
        $0.stage == stage
          && WholeFile.exists(workspace.scratch.appendingPathComponent($0.name))
      }
      if !isNeeded { try WholeFile.remove(workspace.pinned.appendingPathComponent(folder)) }
    }
  }

  /// What is known by now, sorted by name.
  func values() throws -> [JSONValue.Member] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return try names.filter { $0.hasSuffix(Self.ending) }.sorted().map { file in
      let name = String(file.dropLast(Self.ending.count))
      let url = self.file(name)
      do {
        return .init(
          name, try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: url)))
      } catch {
        throw PipelineError("\(url.path): holds no JSON value (\(error)); remove it and run again")
      }
    }
  }

  private func file(_ name: String) -> URL {
    folder.appendingPathComponent(name + Self.ending)
  }
}
