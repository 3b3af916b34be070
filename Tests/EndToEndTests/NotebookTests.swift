// What is made of executed records: pages that tell what was run, notebooks, the book; and a notebook from
// elsewhere that becomes a stage.

import Foundation
import TestSupport
import Testing

extension EndToEndTests {
  @Suite struct Notebooks {
    private struct Notebook: Decodable {
      struct Cell: Decodable {
        var cell_type: String
        var execution_count: Int?
      }
      var nbformat: Int
      var cells: [Cell]
    }

    @Test func everyStageIsExported() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let output = try await fixture.work("export", "all", "--to", "notebooks")
      #expect(output.status == 0, "\(output)")
      let files = output.out.split(separator: "\n").map { String($0) }
      #expect(files.count == 9)
      for file in files {
        #expect(file.hasPrefix(fixture.file("notebooks").path))
        let notebook = try JSONDecoder().decode(
          Notebook.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        #expect(notebook.nbformat == 4)
        #expect(notebook.cells.contains { $0.cell_type == "markdown" })
        let code = notebook.cells.filter { $0.cell_type == "code" }
        #expect(code.allSatisfy { $0.execution_count != nil }, "\(file)")
      }
      // What `work` wrote is replaced; what its reader has changed stays, but for --force.
      #expect(try await fixture.work("export", "all", "--to", "notebooks").status == 0)
      try Data("mine".utf8).write(to: fixture.file("notebooks/eda.ipynb"))
      let refused = try await fixture.work("export", "all", "--to", "notebooks")
      #expect(refused.status == 2 && refused.err.contains("--force"), "\(refused)")
      #expect(try fixture.text("notebooks/eda.ipynb") == "mine")
      let forced = try await fixture.work("export", "eda", "--to", "notebooks", "--force")
      #expect(forced.status == 0, "\(forced)")
      #expect(try fixture.text("notebooks/eda.ipynb") != "mine")
      let one = try await fixture.work("export", "train", "--to", "train.ipynb")
      #expect(one.status == 2 && one.err.contains("2 notebooks"), "\(one)")
      #expect(!one.err.contains("Usage"), "\(one)")
      let early = try await WorkspaceFixture().work("export", "eda")
      #expect(early.status == 2 && early.err.contains("work run eda"), "\(early)")
      #expect(!early.err.contains("Usage"), "\(early)")
    }

    @Test func pagesTellWhatARunDependedOn() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let page = try await fixture.work("open", "train@0", "--path")
      let html = try String(
        contentsOfFile: page.out.trimmingCharacters(in: .newlines), encoding: .utf8)
      for words in [
        "code: stages/train.swift", "data: data/folds.csv", "all of it", ">cores", ">memory",
        ">libraries", "libpng16.so",
      ] {
        #expect(html.contains(words), "no “\(words)”")
      }
      // Each curve once, though its numbers were told after every epoch.
      #expect(html.components(separatedBy: "<div class=\"figure-title\">Score of fold<").count == 2)
      #expect(html.components(separatedBy: "<div class=\"figure-title\">Loss<").count == 2)
    }

    @Test func theBookHoldsEverything() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let output = try await fixture.work("book", "--single-file", "--to", "book.html")
      #expect(output.status == 0, "\(output)")
      let html = try fixture.text("book.html")
      for id in ["page-eda", "page-train-1", "page-submission", "runs"] {
        #expect(html.contains("id=\"\(id)\""), "no \(id)")
      }
      #expect(!html.contains("<script") && !html.contains(".html\""))
      let folder = try await fixture.work("book", "--to", "bound")
      #expect(folder.out == fixture.file("bound/index.html").path + "\n", "\(folder)")
      #expect(fixture.exists("bound/train@1.html"))
    }

    @Test func whatCantBeImportedEndsWithTwoAndIsTold() async throws {
      let fixture = try WorkspaceFixture()
      try FileManager.default.createDirectory(
        at: fixture.file("folder.ipynb"), withIntermediateDirectories: true)
      let files: [(name: String, text: String?, words: String)] = [
        ("missing.py", nil, "there is no such file"), ("folder.ipynb", nil, "is a folder"),
        ("a.txt", "x", "can't be imported; .ipynb, and percent scripts in .py or .swift can"),
        ("none.py", "\n", "holds no cell"),
        ("cut.ipynb", "{\"cells\": [", "not a Jupyter notebook: it isn't JSON"),
        ("old.ipynb", "{\"nbformat\": 3}", "a notebook of nbformat 3"),
        (
          "damaged.ipynb", "{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\"}]}",
          "cell 1: has no source"
        ),
      ]
      for file in files {
        if let text = file.text { try Data(text.utf8).write(to: fixture.file(file.name)) }
        let output = try await fixture.work("import", file.name)
        #expect(output.status == 2, "\(output)")
        #expect(output.err.contains("\(file.name): \(file.words)"), "\(output)")
        #expect(!output.err.contains("Usage") && !output.err.contains("CodingKeys"), "\(output)")
      }
      let call = try await fixture.work("import")
      #expect(call.status == 2 && call.err.contains("Usage"), "\(call)")
    }

    @Test func aStageComesBackWithItsHeader() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let export = try await fixture.work("export", "train@0", "--to", "train.ipynb")
      #expect(export.status == 0, "\(export)")
      let back = try await fixture.work("import", "train.ipynb", "--name", "again")
      #expect(back.status == 0 && back.out.contains("`work run again`"), "\(back)")
      func header(_ path: String) throws -> [String] {
        try fixture.text(path).components(separatedBy: "\n").split(separator: "// ---")
          .first.map { Array($0) } ?? []
      }
      #expect(try header("stages/again.swift") == header("stages/train.swift"))
      #expect(try header("stages/again.swift").contains { $0.hasPrefix("// keep:") })
    }

    @Test func aNotebookBecomesAStageThatRuns() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let script = """
        # %% [markdown]
        # # Ten numbers
        # %%
        import json, os
        order = json.load(open(os.environ["WORK_ORDER"]))
        # %% Write them
        for path in order["outputs"].values():
            open(path, "w").write("\\n".join(str(n) for n in range(10)))
        """
      try Data(script.utf8).write(to: fixture.file("ten numbers.py"))
      let output = try await fixture.work("import", "ten numbers.py")
      #expect(output.status == 0 && output.out.contains("stages/ten_numbers.py"), "\(output)")
      #expect(try fixture.text("stages/ten_numbers.py").contains("# desc: Ten numbers\n"))
      let again = try await fixture.work("import", "ten numbers.py")
      #expect(again.status == 2 && again.err.contains("is there already"), "\(again)")
      let module = try await fixture.work("import", "ten numbers.py", "--name", "imaging")
      #expect(module.status == 2 && module.err.contains("Imaging"), "\(module)")
      try fixture.edit("stages/ten_numbers.py", "outs: []", "outs: [data/ten.txt]")
      let run = try await fixture.report("ten_numbers")
      #expect(run.instances("done") == ["ten_numbers"])
      #expect(try fixture.text("data/ten.txt").hasSuffix("8\n9"))
    }
  }
}
