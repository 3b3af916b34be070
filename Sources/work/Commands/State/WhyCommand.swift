// `work why`: where a file comes from.

import ArgumentParser
import Foundation
import Pipeline

struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Say which run made a file, from what, and whether it is still that.",
    discussion: """
      A file that is no declared output, such as a copy of an old submission.csv, is looked for by its hash \
      among the outputs of all recorded runs. Exit code 1 where nothing is known of it.
      """)

  @Argument(help: "A file or folder, anywhere.", completion: .file())
  var file: String

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let here = URL(fileURLWithPath: file)
    // A path as headers have it is understood from any folder.
    let place =
      FileManager.default.fileExists(atPath: here.path) || file.hasPrefix("/")
      ? here : workspace.place(file)
    let found = try Runner(workspace: workspace).provenance(of: place)
    if output.json { try Console.json(found) } else { tell(found) }
    if found.finding == .unknown || found.finding == .input { throw Finished(code: .failed) }
  }

  private func tell(_ found: Provenance) {
    let made = found.instance ?? ""
    let within = found.output.map { found.file.hasSuffix($0) ? "" : ", which holds it" } ?? ""
    switch found.finding {
    case .unknown: print("nothing is known of \(found.file): no recorded run made these bytes")
    case .input: print("no stage makes it; read by \(found.readers.joined(separator: ", "))")
    case .current:
      print("\(made) made \(found.output ?? "")\(within); it is as it was made")
    case .changed where found.hash == nil:
      print("\(made) made \(found.output ?? "")\(within); it is missing now")
    case .changed:
      print("\(made) made \(found.output ?? "")\(within); it was changed since")
    case .copy: print("a copy of \(found.output ?? ""), as \(made) made it")
    case .madeByRun: print("\(made) made it as \(found.output ?? ""), in an earlier run")
    case .keptByRun: print("\(made) made it as \(found.output ?? ""); the run has a copy")
    }
    func line(_ key: String, _ value: String?) {
      guard let value, !value.isEmpty else { return }
      print(key.padding(toLength: 12, withPad: " ", startingAt: 0) + value)
    }
    line("hash", found.hash)
    line("run", found.run.map { $0 + (found.started.map { ", \(Console.time($0))" } ?? "") })
    if found.run == nil, found.instance != nil { line("run", "its record is gone") }
    line("also", found.alsoMadeBy.joined(separator: ", "))
    line("commit", found.git)
    line("overrides", found.overrides.joined(separator: ", "))
    line("accepted", found.accepted)
    line("submitted", found.submissions.joined(separator: ", "))
    for (name, value) in found.metrics.sorted(by: { $0.key < $1.key }) {
      line("metric", "\(name) \(Console.number(value))")
    }
    guard !output.quiet else { return }
    for input in found.inputs {
      let maker = input.madeBy.map { " from \($0)" } ?? ""
      let state = input.isUnchanged.map { $0 ? "" : ", another one now" } ?? ""
      line("input", "\(input.path)\(maker)  \(input.hash.prefix(12))\(state)")
    }
    for (name, digest) in found.code.sorted(by: { $0.key < $1.key }) {
      line("code", "\(name)  \(digest.prefix(12))")
    }
    for (name, value) in found.parameters.sorted(by: { $0.key < $1.key }) {
      line("parameter", "\(name): \(value)")
    }
  }
}
