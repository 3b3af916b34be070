// Misspelt names among the parameters of training and predicting, told before a run begins: the stage that would
// refuse them comes late.

import Basics
import Choices
import Foundation
import Pipeline

enum ChosenNames {
  /// The names that there are, by key.
  private static let choices: [(key: String, names: [String])] = [
    ("model.kind", names(ModelKind.self)), ("model.weights", names(InitialWeights.self)),
    ("model.attention", names(Attention.self)), ("model.decoder", names(DecoderKind.self)),
    ("model.centre", names(Centre.self)), ("train.schedule", names(ScheduleChoice.self)),
    ("train.optimizer", names(OptimizerChoice.self)), ("train.keep", names(Keep.self)),
    ("train.ema_statistics", names(AverageStatistics.self)), ("inference.tta", names(TTA.self)),
    // Either has a name that older files may hold, too.
    ("engine.backend", names(BackendChoice.self) + ["blas"]),
    ("engine.precision", names(PrecisionChoice.self)),
  ]

  private static func names<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type)
    -> [String]
  { Choice.allCases.map(\.rawValue) }

  /// Looks at what the networks' own stages will read; stages that use no network of ours may mean something else by
  /// the same keys.
  ///
  /// - Throws: `InputError` naming the first value that is none of the choices, and where it stands.
  static func check(_ runner: Runner) throws {
    // Instances of a stage share script and parameters.
    let stages = Dictionary(runner.graph.instances.map { ($0.stage, $0) }) { first, _ in first }
    let read = stages.values.filter { usesNetworks($0, runner.workspace) }.flatMap(\.parameters)
    for (key, names) in choices where read.contains(where: { covers($0, key) }) {
      guard case .string(let name)? = runner.parameters[key], !names.contains(name) else {
        continue
      }
      throw InputError(
        "\(runner.parameters.origin(of: key)): is “\(name)”, should be one of "
          + names.joined(separator: ", ") + Spelling.didYouMean(name, among: names))
    }
  }

  /// Warns of sections of params.yaml that no stage reads and whose names are nearly those of sections that one does:
  /// what stands in them is without effect. A stage of somebody's own may be gone, and its section still be there.
  static func warnOfSections(_ runner: Runner) {
    guard case .object(let sections) = runner.parameters.root else { return }
    let read = Set(
      runner.graph.instances.flatMap(\.parameters).map { String($0.prefix { $0 != "." }) })
    let known = read.union(["preset", "pseudo", "runtime"])
    for key in sections.map(\.key) where !known.contains(key) {
      let hint = Spelling.didYouMean(key, among: read)
      guard !hint.isEmpty else { continue }
      Console.warning("\(runner.parameters.origin(of: key)): no stage reads it\(hint)")
    }
  }

  /// Whether a declared key is this one, or a section above it.
  private static func covers(_ declared: String, _ key: String) -> Bool {
    declared == key || key.hasPrefix(declared + ".")
  }

  private static func usesNetworks(_ instance: Instance, _ workspace: Workspace) -> Bool {
    let script = workspace.codeRoot.appendingPathComponent(instance.script)
    guard let text = try? String(contentsOf: script, encoding: .utf8) else { return false }
    return text.split(whereSeparator: \.isNewline).contains {
      ["import Segmentation", "import Inference"].contains(
        $0.trimmingCharacters(in: .whitespaces))
    }
  }
}
