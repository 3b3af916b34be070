// Cells of percent scripts, and what each line of a source begins in.

import Scripts
import Testing

@Suite struct PercentCellTests {
  @Test func cellsAreCutAtTheirMarks() {
    let text = "above\n# %% One tags=[\"setup\"]\n1\n# %% [markdown]\n# x\n# %%time\n# %%\n"
    let cells = PercentCell.all(in: text.split(separator: "\n").map { String($0) }, .python)
    #expect(cells.map(\.lines) == [["above"], ["1"], ["# x", "# %%time"], []])
    #expect(cells.map(\.first) == [0, 1, 3, 6])
    #expect(cells.map(\.mark?.title) == [nil, "One", nil, nil])
    #expect(cells.map(\.mark?.text) == [nil, "One tags=[\"setup\"]", "[markdown]", ""])
    #expect(PercentCell.all(in: [], .python).map(\.lines) == [[]])
    #expect(PercentCell.all(in: ["# %%"], .python).map(\.first) == [0, 0])
  }

  @Test func whatALineBeginsIn() {
    let swift = [
      "f(", "  1", ")", "let a = \"\"\"", "  b \\(c(", "  d", "  ))", "\"\"\"", "/* x", "*/ y", "{",
      "z", "}",
    ]
    #expect(
      LineStart.all(of: swift, .swift) == [
        .statement, .continuation, .continuation, .statement, .text, .text, .text, .text,
        .statement,
        .text, .statement, .statement, .statement,
      ])
    let python = ["x = [", "1]", "y = '''", "a", "'''", "z = 1 + \\", "2", "# (", "'open", "w"]
    #expect(
      LineStart.all(of: python, .python) == [
        .statement, .continuation, .statement, .text, .text, .statement, .continuation, .statement,
        .statement, .statement,
      ])
    #expect(LineStart.all(of: [], .swift).isEmpty)
  }
}
