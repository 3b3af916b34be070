// `work book`: all pages, the graph and the table of runs, bound into a folder or into one file.

import ArgumentParser
import Foundation
import Notebook
import Pipeline
import Rendering

struct BookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "book", abstract: "Bind all pages, the graph and the table of runs into a book.",
    discussion: """
      Renders every page from its latest record and runs nothing. The pages load nothing from elsewhere, \
      so the folder can be served or copied as it is, and the single file sent.
      """)

  @Flag(help: "Write one HTML file with everything in it.")
  var singleFile = false

  @Option(
    help: ArgumentHelp(
      "The folder or the file to write; by default .work/pages or .work/pages/book.html.",
      valueName: "place"),
    completion: .file())
  var to: String?

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let workspace = try workspace.find()
    let runner = try Runner(workspace: workspace)
    var pages = try Pages.book(runner)
    pages.runLimit = .max
    let place = to.map { URL(fileURLWithPath: $0) }
    if singleFile {
      let file = place ?? workspace.pages.appendingPathComponent("book.html")
      try pages.index().write(chapters: pages.chapters(), to: file)
      print(file.path)
    } else {
      print(try pages.write(in: place ?? workspace.pages).path)
    }
  }
}
