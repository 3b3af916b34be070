// `work runs tag`, `note` and `rm`.

import ArgumentParser
import Pipeline

struct RunsTagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Give a run a name.",
    discussion: "`work gc` keeps a tagged run; `work runs rm` removes it only with --force.")

  @Argument(help: "The run: an id, the beginning of one, a tag, latest or latest~1.")
  var target: String

  @Argument(help: "The tag: letters, digits, -, _ and ., a letter first.")
  var tag: String

  @Flag(help: "Move the tag from the run that has it.")
  var move = false

  @Flag(help: "Remove the tag.")
  var remove = false

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let history = RunHistory(try workspace.find())
    let id = try history.id(of: target)
    if remove {
      try history.untag(id, tag)
      print("\(id) is no longer \(tag)")
    } else {
      let before = try history.tag(id, tag, moving: move)
      print("\(tag) is \(id)" + (before.map { ", no longer \($0)" } ?? ""))
    }
  }
}

struct RunsNoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Attach a note to a run; an empty note removes it.")

  @Argument(help: "The run: an id, the beginning of one, a tag, latest or latest~1.")
  var target: String

  @Argument(help: "The note, one line.")
  var text: String

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let history = RunHistory(try workspace.find())
    let id = try history.id(of: target)
    try history.note(id, text)
    print("\(id): \(history.label(of: id).note ?? "no note")")
  }
}

struct RunsRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove runs: records, logs, pages' sources, kept copies.",
    discussion: """
      Outputs stay. A run that a recorded submission comes from is never removed. A run with a tag or a \
      note, or whose outputs are in place, is removed only with --force.
      """)

  @Argument(help: "Runs: ids, beginnings of ids, tags, latest or latest~1.")
  var targets: [String]

  @Flag(
    name: .shortAndLong,
    help: "Also remove runs with tags or notes, and runs whose outputs are in place.")
  var force = false

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let history = RunHistory(try workspace.find())
    let ids = try targets.map(history.id(of:))
    let bytes = try history.remove(ids, force: force)
    print(
      "removed \(Set(ids).sorted().joined(separator: ", ")) (\(Readable.bytes(bytes)))"
    )
  }
}
