// `work kaggle`: the competition's files, its rules, and whether the credentials work.

import ArgumentParser
import Basics
import Foundation
import Kaggle
import Pipeline
import Submitting
import Transfer

struct KaggleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kaggle",
    abstract: "Ask Kaggle for the competition's files and rules, and check the credentials.",
    subcommands: [KaggleFilesCommand.self, KaggleRulesCommand.self, KaggleCheckCommand.self])
}

struct KaggleFilesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "files", abstract: "List the competition's files, as Kaggle has them.")

  @OptionGroup var options: CompetitionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let slug = try options.slug()
    let files = try await KaggleAPI(CompetitionOptions.connection()).listFiles(slug)
    if output.json {
      return try Console.json(files.map { Line(name: $0.name, bytes: $0.bytes) })
    }
    TextTable(
      columns: [
        .init(title: "file", isElastic: true, importance: 2),
        .init(title: "size", isNumber: true, importance: 1),
      ], rows: files.map { [$0.name, $0.bytes.map(Readable.bytes) ?? ""] }
    ).print()
    guard !output.quiet else { return }
    let total = files.reduce(into: Int64(0)) { $0 += $1.bytes ?? 0 }
    Console.write("\(files.count.formatted()) files, \(Readable.bytes(total))\n")
  }

  private struct Line: Encodable {
    var name: String
    var bytes: Int64?
  }
}

struct KaggleRulesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "Print where the competition's rules are accepted, and whether you have.",
    discussion: "Rules can be accepted in a browser only.")

  @OptionGroup var options: CompetitionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let account = try options.account()
    let url = KaggleAddress.rules(account.slug)
    var accepted: Bool?
    do { accepted = try await account.facts().userHasEntered } catch let error as KaggleError {
      // Of a competition that one hasn't joined, Kaggle may tell nothing at all.
      switch error.kind {
      case .forbidden: Console.warning(error.description)
      case .rulesNotAccepted: accepted = false
      default: throw error
      }
    }
    if output.json { return try Console.json(Answer(rules: url, accepted: accepted)) }
    print(url)
    guard !output.quiet else { return }
    switch accepted {
    case true?: print("accepted")
    case false?: print("not accepted yet: do so in a browser")
    case nil: print("Kaggle doesn't say whether they are accepted")
    }
  }

  private struct Answer: Encodable {
    var rules: String
    var accepted: Bool?
  }
}

struct KaggleCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say which credentials are used, and whether Kaggle accepts them.",
    discussion: """
      Asks for the competition of the workspace, elsewhere for titanic, which everybody may see. Never prints a secret. \
      Exits with 2 if there are no credentials, with 3 if Kaggle refuses them or can't be reached.
      """)

  @OptionGroup var options: CompetitionOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let connection = try CompetitionOptions.connection()
    let settings = connection.settings
    let account = try KaggleAccount(connection, slug: (try? options.slug()) ?? "titanic")
    var answer = Answer(
      source: settings.credentials.source,
      kind: settings.credentials.isToken ? "access token" : "user name and key",
      user: settings.credentials.username, server: settings.endpoint.absoluteString,
      proxy: settings.transfer.proxySource, competition: account.slug)
    if !output.json, !output.quiet { print(answer.text) }
    do { answer.joined = try await account.facts().userHasEntered } catch let error as KaggleError {
      // What is refused about the competition shows that the user is known.
      switch error.kind {
      case .forbidden, .rulesNotAccepted, .notFound, .phoneNotVerified:
        Console.warning(error.description)
      default: throw error
      }
    }
    answer.protocolStyle = connection.speaks.map { $0 == .rpc ? "RPC" : "REST" }
    if output.json { return try Console.json(answer) }
    guard !output.quiet else { return }
    print("answer      the credentials work\(answer.protocolStyle.map { " (\($0))" } ?? "")")
    if let joined = answer.joined {
      print("\(account.slug)  \(joined ? "joined" : "not joined yet: `work kaggle rules`")")
    }
  }

  private struct Answer: Encodable {
    var source: String
    var kind: String
    var user: String?
    var server: String
    var proxy: String?
    var competition: String
    var joined: Bool?
    /// RPC or REST.
    var protocolStyle: String?

    var text: String {
      var lines = ["credentials \(kind) from \(source)" + (user.map { ", user \($0)" } ?? "")]
      if server != KaggleSettings.standardEndpoint.absoluteString {
        lines.append("server      \(server)")
      }
      if let proxy { lines.append("proxy       \(proxy)") }
      return lines.joined(separator: "\n")
    }
  }
}
