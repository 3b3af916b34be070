// What a run needs of published weights, brought before any stage begins: stages don't reach the network.

import Basics
import Choices
import Foundation
import Pipeline
import Weights

enum PretrainedWeights {
  /// Fetches the published weights that a run's network begins with (`model.weights: imagenet`), where a stage
  /// that reads them may run and they are not in the cache yet.
  ///
  /// - Throws: `WeightsError` where they can't be had; what the plan of the run throws.
  @MainActor
  static func bring(for runner: Runner, _ options: RunOptions, _ output: OutputOptions)
    async throws
  {
    guard let weights = try missing(runner.parameters) else { return }
    let readers = Set(
      runner.graph.instances.filter { $0.parameters.contains { $0 == key || isBelow($0, key) } }
        .map(\.name))
    let isNeeded = try runner.plan(options).instances.contains {
      readers.contains($0.instance) && $0.state.mayRun && $0.restoredFrom == nil
    }
    if isNeeded { try await fetch(weights, output) }
  }

  /// Fetches the published weights that the network begins with, where they are not in the cache yet.
  ///
  /// - Throws: `WeightsError` where they can't be had.
  @MainActor
  static func bring(for runner: Runner, _ output: OutputOptions) async throws {
    if let weights = try missing(runner.parameters) { try await fetch(weights, output) }
  }

  private static let key = "model"

  private static func isBelow(_ parameter: String, _ key: String) -> Bool {
    parameter.hasPrefix(key + ".")
  }

  /// The weights that the parameters ask for, unless they are in the cache.
  private static func missing(_ parameters: Parameters) throws -> PublishedWeights? {
    guard case .string("imagenet")? = parameters["\(key).weights"],
      case .string(let kind)? = parameters["\(key).kind"],
      let name = ModelKind(rawValue: kind)?.pretrained
    else { return nil }
    let weights = try PublishedWeights.named(name)
    return WeightsCache().contains(weights) ? nil : weights
  }

  @MainActor
  private static func fetch(_ weights: PublishedWeights, _ output: OutputOptions) async throws {
    try await WeightsFetch(weights, output).run()
  }
}
