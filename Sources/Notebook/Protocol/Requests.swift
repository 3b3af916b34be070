// What a user asks of a stage while it runs, as files in a folder of the run: any program can write them, over
// ssh, too. docs/protocol.md describes them.

import Basics
import Foundation

/// What was asked of a running instance, as its folder of requests says.
package struct Requests: Sendable, Equatable {
  /// More steps of work that were asked for.
  package struct Extension: Sendable, Equatable, Codable {
    /// Keeps one request apart from another: the file's name.
    package var name: String
    /// How many steps, such as epochs; 1 or more.
    package var steps: Int

    /// Names a request for more steps.
    package init(name: String, steps: Int) {
      self.name = name
      self.steps = steps
    }
  }

  /// The file that asks a stage to keep its state and end as interrupted.
  package static let stop = "stop"
  /// The file that asks a stage to end well after the step that it is in.
  package static let stopAfterStep = "stop-after-epoch"
  /// What the names of files begin with that ask for more steps, and hold how many.
  package static let extend = "extend-"

  /// Whether to end now, as an interruption does.
  package var stopsNow = false
  /// Whether to end well after this step.
  package var stopsAfterStep = false
  /// Sorted by name.
  package var extensions: [Extension] = []

  /// Nothing is asked for.
  package init() {}

  /// What a folder says. One that isn't there asks for nothing; a file that says nothing sensible is passed
  /// over.
  package init(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    stopsNow = names.contains(Self.stop)
    stopsAfterStep = names.contains(Self.stopAfterStep)
    extensions = names.filter { $0.hasPrefix(Self.extend) && !WholeFile.isTemporary($0) }.sorted()
      .compactMap { name in
        let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
        let count = text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        guard let count, (1...Self.most).contains(count) else { return nil }
        return Extension(name: name, steps: count)
      }
  }

  /// The most steps that one request may add.
  package static let most = 100_000
}
