// The options of commands that talk to Kaggle: which competition, and who asks.

import ArgumentParser
import Basics
import Foundation
import Kaggle
import Pipeline
import Submitting

struct CompetitionOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The competition's name in addresses; by default competition.slug of params.yaml.",
      valueName: "slug"))
  var competition: String?

  @OptionGroup var workspace: WorkspaceOptions

  /// The competition that is meant.
  ///
  /// - Throws: `InputError` where params.yaml names none, `PipelineError` where there is no workspace.
  func slug() throws -> String {
    if let competition { return competition }
    return try Self.slug(of: Runner(workspace: workspace.find()))
  }

  static func slug(of runner: Runner) throws -> String {
    guard case .string(let slug)? = runner.parameters["competition.slug"], !slug.isEmpty else {
      throw InputError(
        "params.yaml: competition.slug: should be the competition's name in Kaggle's addresses; or name it by --competition"
      )
    }
    return slug
  }

  /// A connection with the user's credentials. What isn't as it should be about them is told.
  ///
  /// - Throws: `KaggleError` where there are none.
  static func connection() throws -> KaggleConnection {
    let settings = try KaggleSettings.find(environment: ProcessInfo.processInfo.environment)
    for warning in settings.credentials.warnings { Console.warning(warning) }
    return KaggleConnection(settings) { Console.warning($0) }
  }

  /// The user's side of the competition.
  func account() throws -> KaggleAccount { try KaggleAccount(Self.connection(), slug: slug()) }
}
