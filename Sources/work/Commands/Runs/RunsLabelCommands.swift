// `work runs tag`, `note` and `rm`.

import ArgumentParser
import Pipeline

struct RunsTagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Give a run a name that stands for it.",
    discussion: "A tagged run is kept by `work gc`, and by `work runs rm` unless forced.")

  @Argument(help: "The run: an id, the beginning of one, a tag, latest or latest~1.")
  var target: String

  @Argument(help: "The tag: letters, digits, -, _ and ., a letter first.")
  var tag: String

  @Flag(help: "Take the tag from the run that has it.")
  var move = false

  @Flag(help: "Take the tag away.")
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
    commandName: "note", abstract: "Write a line on a run; an empty one removes it.")

  @Argument(help: "The run: an id, the beginning of one, a tag, latest or latest~1.")
  var target: String

  @Argument(help: "The line.")
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
      Outputs stay. A run that a recorded submission comes from is never removed; one that has a tag or a \
      note, or made outputs that are in place, only with --force.
      """)

  @Argument(help: "Runs: ids, beginnings of ids, tags, latest or latest~1.")
  var targets: [String]

  @Flag(name: .shortAndLong, help: "Also runs with tags or notes, and those of present outputs.")
  var force = false

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let history = RunHistory(try workspace.find())
    let ids = try targets.map(history.id(of:))
    let bytes = try history.remove(ids, force: force)
    print(
      "removed \(Set(ids).sorted().joined(separator: ", ")) (\(Console.amount(Double(bytes), "bytes")))"
    )
  }
}
