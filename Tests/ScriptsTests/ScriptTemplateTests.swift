// The scripts that new stages begin with are scripts that every reader of scripts understands.

import Scripts
import Testing

@Suite struct ScriptTemplateTests {
  @Test func theSwiftTemplateHasItsParts() throws {
    let script = Script(ScriptTemplate.text("count", .swift))
    #expect(script.header?.yaml.contains("outs: [data/count.json]") == true)
    #expect(script.cellTitles.values.sorted() == ["Read", "Write"])
    #expect(script.source.isCertain && script.frame != nil)
    guard case .prose(let text, _)? = script.parts.first else {
      Issue.record("no prose first")
      return
    }
    #expect(text.hasPrefix("# count\n"))
  }

  @Test func thePythonTemplateHasItsParts() throws {
    let text = ScriptTemplate.text("count", .python)
    let header = try ScriptHeader(of: text, .python)
    #expect(header.yaml.contains("outs: [data/count.json]") && header.lines.lowerBound == 2)
    let cells = PercentCell.all(in: ScriptHeader.lines(of: text).map { String($0) }, .python)
    #expect(cells.count == 4)
  }
}
