// Where a running instance writes: its outputs before they have their names, and its checkpoints.

import Basics
import Foundation

/// The folder of a running instance, by its fingerprint: the same again after a crash.
struct Scratch {
  private let all: URL
  private let own: URL

  init(_ workspace: Workspace, _ instance: Instance, _ entry: Lock.Entry) {
    all = workspace.scratch.appendingPathComponent(instance.name, isDirectory: true)
    own = all.appendingPathComponent(
      String(entry.manifest.fingerprint.prefix(16)), isDirectory: true)
  }

  var outputs: URL { own.appendingPathComponent("outs", isDirectory: true) }
  var state: URL { own.appendingPathComponent("state", isDirectory: true) }
  var aside: URL { own.appendingPathComponent("aside", isDirectory: true) }
  func output(_ index: Int) -> URL { outputs.appendingPathComponent(String(index)) }

  func prepare() throws {
    try WholeFile.remove(outputs)
    try WholeFile.remove(aside)
    try WholeFile.makeFolder(outputs)
    try WholeFile.makeFolder(state)
  }

  /// Removes all but the state, from which the same instance goes on later.
  func keepState() throws {
    try WholeFile.remove(outputs)
    try WholeFile.remove(aside)
  }

  /// Removes the instance's scratch, also of other fingerprints unless it is to go alone.
  func remove(alone: Bool) throws { try WholeFile.remove(alone ? own : all) }
}
