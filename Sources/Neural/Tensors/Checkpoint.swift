// The complete state of a training: from it, training goes on bit for bit as if never stopped.

import Choices
public import Foundation

/// Weights, batch-norm statistics, optimizer state and step, with the caller's text.
public struct Checkpoint: Sendable, Equatable {
  /// The plain mean of weights, and of how many times.
  public struct SWA: Sendable, Equatable {
    /// Without batch-norm statistics.
    public var weights: Weights
    /// At least 1.
    public var count: Int
  }

  /// The weights and batch-norm statistics at this point.
  public var weights: Weights
  /// The moving average of the weights, if the optimizer keeps one.
  public var average: Weights?
  /// Stochastic weight averaging, once it has begun.
  public var swa: SWA?
  /// The optimizer's state: `first` and `second` moments by parameter name.
  public var state: [String: Tensor]
  /// Steps done.
  public var step: Int
  /// The seed of initialization and dropout.
  public var seed: UInt64
  /// What computed it: bits are the same only with the same.
  public var engine: EngineIdentity
  /// The caller's text, for example the epoch; kept as is.
  public var metadata: [String: String]

  /// Reads a checkpoint.
  /// - Throws: `SafetensorsError` when the file is broken or is no checkpoint.
  public init(contentsOf url: URL) throws {
    let file = try Safetensors(contentsOf: url)
    func text(_ key: String) throws -> String {
      guard let value = file.metadata["engine.\(key)"] else {
        throw SafetensorsError(
          path: url.path, problem: "is not a checkpoint: it lacks engine.\(key)")
      }
      return value
    }
    guard let step = Int(try text("step")), step >= 0, let seed = UInt64(try text("seed")) else {
      throw SafetensorsError(path: url.path, problem: "has a step or seed that is no number")
    }
    self.step = step
    self.seed = seed
    engine = EngineIdentity(
      instructionSet: try text("instruction_set"),
      // By the choice, so that a name of old means what it meant.
      backend: try BackendChoice(rawValue: text("backend"))?.rawValue ?? text("backend"),
      library: try text("library"), precision: try text("precision"))
    metadata = file.metadata.filter { !$0.key.hasPrefix("engine.") }
    var weights: [String: Tensor] = [:]
    var average: [String: Tensor] = [:]
    var swa: [String: Tensor] = [:]
    state = [:]
    for (name, tensor) in file.tensors {
      if name.hasPrefix("average/") {
        average[String(name.dropFirst("average/".count))] = tensor
      } else if name.hasPrefix("swa/") {
        swa[String(name.dropFirst("swa/".count))] = tensor
      } else if name.hasPrefix("optimizer/") {
        state[String(name.dropFirst("optimizer/".count))] = tensor
      } else {
        weights[name] = tensor
      }
    }
    self.weights = Weights(tensors: weights)
    self.average = average.isEmpty ? nil : Weights(tensors: average)
    if !swa.isEmpty {
      guard let count = Int(try text("swa_count")), count > 0 else {
        throw SafetensorsError(path: url.path, problem: "has a count of SWA that is no number")
      }
      self.swa = SWA(weights: Weights(tensors: swa), count: count)
    }
  }

  package init(
    weights: Weights, average: Weights?, swa: SWA?, state: [String: Tensor], step: Int,
    seed: UInt64, engine: EngineIdentity, metadata: [String: String]
  ) {
    self.weights = weights
    self.average = average
    self.swa = swa
    self.state = state
    self.step = step
    self.seed = seed
    self.engine = engine
    self.metadata = metadata
  }

  /// Writes a safetensors file, whole or not at all. Plain readers find the weights under their
  /// names, the rest under `optimizer/`, `average/` and `swa/`.
  /// - Throws: `FileError` where it can't be written.
  public func write(to url: URL) throws {
    var tensors = weights.tensors
    for (name, tensor) in average?.tensors ?? [:] { tensors["average/\(name)"] = tensor }
    for (name, tensor) in swa?.weights.tensors ?? [:] { tensors["swa/\(name)"] = tensor }
    for (name, tensor) in state { tensors["optimizer/\(name)"] = tensor }
    var text = metadata
    text["engine.swa_count"] = swa.map { "\($0.count)" }
    text["engine.step"] = "\(step)"
    text["engine.seed"] = "\(seed)"
    text["engine.instruction_set"] = engine.instructionSet
    text["engine.backend"] = engine.backend
    text["engine.library"] = engine.library
    text["engine.precision"] = engine.precision
    try Safetensors(tensors: tensors, metadata: text).write(to: url)
  }
}

/// What computes: results have the same bits only where all of it is the same.
public struct EngineIdentity: Sendable, Equatable, Codable, CustomStringConvertible {
  /// The instruction set of the engine's own kernels, for example `x86-64-v4`.
  public var instructionSet: String
  /// The backend, for example `native`.
  public var backend: String
  /// The library behind the backend, with version and the kernels that it chose.
  public var library: String
  /// The number format.
  public var precision: String

  /// For people.
  public var description: String { "\(backend) \(precision) on \(instructionSet), \(library)" }
}
