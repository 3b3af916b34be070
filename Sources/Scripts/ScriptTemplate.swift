// A stage to begin with: header, prose, cells, and an output that it writes, in Swift or in Python.

/// The script of a new stage.
package enum ScriptTemplate {
  /// The script of a stage that is called `name` and writes `data/NAME.json`.
  package static func text(_ name: String, _ language: ScriptLanguage) -> String {
    language == .swift ? swift(name) : python(name)
  }

  private static func swift(_ name: String) -> String {
    """
    // ---
    // desc: What this stage does, in a line
    // deps: []
    // params: []
    // outs: [data/\(name).json]
    // ---

    import Workbench

    await Stage.run { stage in
      // %% [markdown]
      // # \(name)
      // What is looked at here, and why. Prose is Markdown; it can be edited without a rerun.
      cell("Read")
      // A path from `deps`: try CSV(contentsOf: stage.input("data/tables/depths.csv"))
      // A key from `params`: let settings: Settings = try stage.parameters("\(name)")
      let numbers = [3.0, 1, 2]

      // %% [markdown]
      // ## What comes out
      cell("Write")
      show(Chart.histogram(numbers, title: "Numbers", x: "value"))
      let sum = numbers.reduce(0, +)
      stage.metric("sum", sum)
      try stage.write(["sum": sum], to: "data/\(name).json")
    }

    """
  }

  private static func python(_ name: String) -> String {
    """
    #!/usr/bin/env python3
    # ---
    # desc: What this stage does, in a line
    # deps: []
    # params: []
    # outs: [data/\(name).json]
    # ---

    import json
    import os

    # What to do: declared parameters, and where to write. See docs/protocol.md.
    with open(os.environ["WORK_ORDER"]) as file:
        order = json.load(file)


    def tell(**event):
        \"""Tells the runner something: progress, message, warning or metric.\"""
        with open(order["events"], "a") as file:
            file.write(json.dumps(event) + "\\n")


    # %% [markdown]
    # # \(name)
    # What is looked at here, and why.

    # %%
    # Paths from `deps` are relative to the current folder; keys from `params` are in order["params"].
    numbers = [3, 1, 2]
    tell(metric={"sum": sum(numbers)})

    # %%
    with open(order["outputs"]["data/\(name).json"], "w") as file:
        json.dump({"sum": sum(numbers)}, file, sort_keys=True)
        file.write("\\n")

    """
  }
}
