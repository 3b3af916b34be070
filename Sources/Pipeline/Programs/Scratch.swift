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

  private init(_ all: URL, _ own: URL) { (self.all, self.own) = (all, own) }

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

  /// Removes it. Of other fingerprints, checkpoints stay: a training with other parameters that was interrupted goes on from
  /// there, until `work gc` finds it old.
  func remove() throws {
    try WholeFile.remove(own)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: all.path)) ?? [] {
      let other = Scratch(all, all.appendingPathComponent(name, isDirectory: true))
      let state = (try? FileManager.default.contentsOfDirectory(atPath: other.state.path)) ?? []
      if state.isEmpty { try WholeFile.remove(other.own) } else { try other.keepState() }
    }
    // Only where nothing else is in it.
    rmdir(all.path)
  }
}
