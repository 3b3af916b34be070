// `work book`: all pages, the graph and the table of runs, bound into a folder or into one file.

import ArgumentParser
import Foundation
import Notebook
import Pipeline
import Rendering

struct BookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "book", abstract: "Bind all pages, the graph and the table of runs.",
    discussion: """
      Renders every page from its latest record; nothing is run. The folder can be served or copied as \
      it is, and the single file sent: neither loads anything.
      """)

  @Flag(help: "One HTML file with everything in it.")
  var singleFile = false

  @Option(
    help: ArgumentHelp(
      "The folder, or the single file; .work/pages or .work/pages/book.html if not given.",
      valueName: "place"),
    completion: .file())
  var to: String?

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let runner = try Runner(workspace: workspace)
    var binding = try Pages.binding(runner)
    binding.runLimit = .max
    let place = to.map { URL(fileURLWithPath: $0) }
    if singleFile {
      let file = place ?? workspace.pages.appendingPathComponent("book.html")
      try binding.book().write(chapters: binding.chapters(), to: file)
      print(file.path)
    } else {
      print(try binding.write(in: place ?? workspace.pages).path)
    }
  }
}
