// `work why`: where a file comes from.

import ArgumentParser
import Basics
import Foundation
import Pipeline

struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Show which run made a file, from what, and whether it changed since.",
    discussion: """
      A file that is not a declared output, such as a copy of an old submission.csv, is looked up by its \
      hash among the outputs of all recorded runs. Exits with 1 if no recorded run made the file.
      """)

  @Argument(help: "A file or folder, anywhere.", completion: .file())
  var file: String

  @OptionGroup var output: OutputOptions
  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let here = URL(fileURLWithPath: file)
    // A path as it stands in headers works from any folder.
    let place =
      FileManager.default.fileExists(atPath: here.path) || file.hasPrefix("/")
      ? here : workspace.url(of: file)
    let found = try Runner(workspace: workspace).provenance(of: place)
    if output.json { try Console.json(found) } else { show(found) }
    if found.finding == .unknown || found.finding == .input { throw Finished(code: .failed) }
  }

  private func show(_ found: Provenance) {
    let made = found.instance ?? ""
    let within = found.output.map { found.file.hasSuffix($0) ? "" : ", which holds it" } ?? ""
    switch found.finding {
    case .unknown: print("unknown: no recorded run made \(found.file) as it is now")
    case .input:
      print("no stage makes it; it is an input of \(found.readers.joined(separator: ", "))")
    case .current:
      print("\(made) made \(found.output ?? "")\(within); it is unchanged")
    case .changed where found.hash == nil:
      print("\(made) made \(found.output ?? "")\(within); it is missing now")
    case .changed:
      print("\(made) made \(found.output ?? "")\(within); it has changed since")
    case .copy: print("a copy of \(found.output ?? ""), as \(made) made it")
    case .madeByRun: print("\(made) made it as \(found.output ?? ""), in an earlier run")
    case .keptByRun: print("\(made) made it as \(found.output ?? ""); the run has a copy")
    }
    func line(_ key: String, _ value: String?) {
      guard let value, !value.isEmpty else { return }
      print(key.padding(toLength: 12, withPad: " ", startingAt: 0) + value)
    }
    line("hash", found.hash)
    line("run", found.run.map { $0 + (found.started.map { ", \(Readable.time($0))" } ?? "") })
    if found.run == nil, found.instance != nil { line("run", "its record is gone") }
    line("also", found.alsoMadeBy.joined(separator: ", "))
    line("commit", found.git)
    line("overrides", found.overrides.joined(separator: ", "))
    line("accepted", found.accepted)
    line("submitted", found.submissions.joined(separator: ", "))
    for (name, value) in found.metrics.sorted(by: { $0.key < $1.key }) {
      line("metric", "\(name) \(Readable.number(value))")
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
