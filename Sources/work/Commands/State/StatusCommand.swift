// `work status`: what is fresh, what is stale, and why.

import ArgumentParser
import Basics
import Foundation
import Pipeline

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show which stages are fresh or stale, and why.")

  @Argument(
    help: "Stages or instances, with those that they need; all if none is named.",
    completion: Completions.stages)
  var stages: [String] = []

  @Flag(help: "Exit with 5 if something is stale.")
  var exitCode = false

  @OptionGroup var overrides: OverrideOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let states = try overrides.runner(workspace.find()).status(stages)
    if output.json {
      try Console.json(states.map(StatusLine.init))
    } else {
      show(states)
    }
    if exitCode, states.contains(where: { $0.state.mayRun }) {
      throw Finished(code: .stale)
    }
  }

  private func show(_ states: [InstanceStatus]) {
    let width = states.map(\.instance.count).max() ?? 0
    for state in states where !(output.quiet && state.state == .fresh && state.job == nil) {
      let name = state.instance.padding(toLength: width, withPad: " ", startingAt: 0)
      var notes = state.reasons.map(\.description)
      if let job = state.job {
        notes.append("job \(job) in a cluster: `work run` goes on with it, `work cancel` ends it")
      }
      if let accepted = state.accepted { notes.append("code accepted: \(accepted)") }
      if !state.overrides.isEmpty {
        notes.append("ran with \(state.overrides.joined(separator: ", "))")
      }
      let text = Console.output(notes.joined(separator: "; "), Console.dim)
      print("\(name)  \(Self.word(state.state))  \(text)")
    }
  }

  private static func word(_ state: InstanceStatus.State) -> String {
    let word = state.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
    return switch state {
    case .fresh: Console.output(word, Console.green)
    case .stale: Console.output(word, Console.yellow)
    case .undecided, .frozen: Console.output(word, Console.dim)
    }
  }
}
