// A small stage script with a bit of everything, for tests of what is made of scripts.

/// Header, a helper, prose, cells, a loop around a cell, and code behind the frame.
package enum SampleScript {
  package static let source = """
    // ---
    // desc: "Depth and salt"
    // deps: [a]
    // ---

    import Workbench

    func helper() {
      print("helper")
    }

    await Stage.run { stage in
      let settings = 1
      // %% [markdown]
      // # Title
      //
      // Some *prose*.
      cell("One")
      // an ordinary comment
      print("one")

      // %% [markdown]
      // More prose.
      print("after prose")
      for fold in 0..<2 {
        cell("Fold \\(fold)")
        show(fold)
      }
    }

    struct Trailer {}
    """
}
