// What a training keeps on disk after an epoch, and now and then within one: one checkpoint, written
// whole, with the metrics so far; and the best weights when they are asked for.

import Basics
import Foundation
import Neural

/// What the checkpoint says beside the engine's state.
struct FitState: Codable, Equatable {
  /// Epochs done.
  var epoch = 0
  var history: [EpochMetrics] = []
  /// Of the epoch after these, where the checkpoint was made within it.
  var unfinished: Unfinished?
  /// The best validation so far.
  var best: Best?
  /// Validations since the best.
  var sinceBest = 0
  /// Whether training stopped early.
  var isStopped = false
  /// Of the schedule `plateau`.
  var plateau = Plateau.State()
  var spike = SpikeWatch()
  /// Epochs that were added while it trained; missing in checkpoints of before there were any.
  var extensions: [Extension]?
  /// The epoch after which it was asked to stop. It counts only while that is still asked for.
  var stoppedAfter: Int?

  struct Extension: Codable, Equatable {
    /// The request that it follows, so that it is followed once.
    var request: String
    var after: Int
    var by: Int
  }

  struct Unfinished: Codable, Equatable {
    /// Steps done of this epoch.
    var steps: Int
    /// Sums over these steps, not yet means.
    var sums: EpochMetrics
  }

  struct Best: Codable, Equatable {
    var epoch: Int
    var score: Double
  }

  /// Takes in a validation's score; true if it is the best so far.
  mutating func note(score: Double, epoch: Int, patience: Int) -> Bool {
    if let best, score <= best.score {
      sinceBest += 1
      isStopped = patience > 0 && sinceBest >= patience
      return false
    }
    best = Best(epoch: epoch, score: score)
    sinceBest = 0
    return true
  }

  /// Lowers the learning rate where an epoch's metrics show a plateau.
  mutating func watch(_ metrics: EpochMetrics, _ settings: FitSettings) {
    guard settings.schedule == .plateau else { return }
    let value =
      switch settings.plateau.watch {
      case .score: metrics.score
      case .loss: metrics.validationLoss
      case .trainingLoss: metrics.trainLoss
      }
    guard let value else { return }
    plateau.note(
      value, rising: settings.plateau.watch == .score, rule: settings.plateau.rule)
  }
}

/// The files of a training in its scratch folder.
struct FitFiles {
  /// Of what makes two trainings the same, as text.
  let identity: String
  let checkpoint: URL
  private let folder: URL

  init(folder: URL, identity: String) throws {
    self.identity = identity
    checkpoint = folder.appendingPathComponent("checkpoint.safetensors")
    self.folder = folder
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FitError.file(folder, "cannot be created: \(systemReason(error))")
    }
  }

  /// Weights beside the checkpoint, of an epoch.
  enum Kept: Equatable {
    /// Of the best validation.
    case best(Int)
    /// At the end of a cycle.
    case snapshot(Int)
  }

  /// The checkpoint, if there is one that can be read.
  /// - Parameter needed: the weights that a state wants beside it.
  /// - Throws: `FitError.otherTraining`.
  func load(needed: (FitState) -> [Kept], warn: (String) -> Void) throws -> (Checkpoint, FitState)?
  {
    guard FileManager.default.fileExists(atPath: checkpoint.path) else { return nil }
    let stored: Checkpoint
    let state: FitState
    do {
      stored = try Checkpoint(contentsOf: checkpoint)
      state = try JSONDecoder().decode(
        FitState.self, from: Data((stored.metadata["fit.state"] ?? "").utf8))
    } catch {
      warn("the checkpoint cannot be used, training starts over: \(error)")
      return nil
    }
    guard stored.metadata["fit.identity"] == identity else {
      throw FitError.otherTraining(checkpoint: checkpoint)
    }
    for kept in needed(state) where (try? weights(kept)) == nil {
      warn("\(place(of: kept).path) is missing or broken, training starts over")
      return nil
    }
    return (stored, state)
  }

  func save(_ state: FitState, of trainer: Trainer) throws {
    try trainer.checkpoint(metadata: ["fit.identity": identity, "fit.state": try JSON.line(state)])
      .write(to: checkpoint)
  }

  /// Written before the checkpoint that names it: after a crash between the two, the epoch is
  /// trained again, to the same weights.
  func keep(_ weights: Weights, _ kept: Kept) throws {
    try weights.write(to: place(of: kept))
  }

  /// Removes the weights of an epoch that the checkpoint needs no more.
  func drop(_ kept: Kept) {
    try? FileManager.default.removeItem(at: place(of: kept))
  }

  func weights(_ kept: Kept) throws -> Weights {
    try Weights(contentsOf: place(of: kept))
  }

  private func place(of kept: Kept) -> URL {
    let name =
      switch kept {
      case .best(let epoch): "best-\(epoch)"
      case .snapshot(let epoch): "snapshot-\(epoch)"
      }
    return folder.appendingPathComponent("\(name).safetensors")
  }
}
