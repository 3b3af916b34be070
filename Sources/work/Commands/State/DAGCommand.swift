// `work dag`: the graph of the stages, and which of them are stale.

import ArgumentParser
import Pipeline

struct DAGCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dag", abstract: "Print the graph of the stages, with the stale ones marked.")

  @Flag(help: "Print a Mermaid flowchart, for Markdown.")
  var mermaid = false

  @Flag(help: "Print Graphviz's language, for `dot -Tsvg`.")
  var dot = false

  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    if mermaid, dot { throw ValidationError("--mermaid and --dot exclude each other") }
  }

  func run() throws {
    let runner = try Runner(workspace: workspace.find())
    let marks = StageMark.marks(try runner.status())
    if mermaid {
      print(runner.graph.mermaid(marks))
    } else if dot {
      print(runner.graph.dot(marks))
    } else {
      print(
        runner.graph.text(marks) { mark, text in
          Console.output(text, mark.isFresh ? Console.green : Console.yellow)
        })
    }
  }
}
