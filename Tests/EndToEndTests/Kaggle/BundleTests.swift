// Code competitions as a user does them: the bundle, what it predicts of other images, its notebook in Python, and the
// submission through a server on this machine.

import Demo
import Foundation
import TestSupport
import Testing

extension EndToEndTests {
  @Suite struct Bundles {
    private struct Answer: Decodable {
      struct Check: Decodable { var isSame: Bool }
      var bundle: String
      var check: Check?
    }

    private func bundle(_ fixture: WorkspaceFixture) async throws -> URL {
      let made = try await fixture.work("bundle", "--json")
      try #require(made.status == 0, "\(made)")
      return URL(fileURLWithPath: try made.decoded(Answer.self).bundle)
    }

    /// Runs a program with an empty environment.
    private func start(
      _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> Output {
      try await Command(
        URL(fileURLWithPath: program), arguments, in: FileManager.default.temporaryDirectory,
        environment: environment
      ).output()
    }

    @Test func theBundlePredictsTheSameAndOtherImages() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let made = try await fixture.work("bundle", "--check", "--json")
      #expect(made.status == 0, "\(made)")
      let answer = try made.decoded(Answer.self)
      #expect(answer.check?.isSame == true)
      let program = answer.bundle + "/predict"
      let expected = try Data(contentsOf: fixture.file("submissions/submission.csv"))
      let out = fixture.file("out.csv")

      // In parts, and with a folder as Kaggle serves it.
      let kaggle = fixture.file("kaggle")
      try FileManager.default.copyItem(at: fixture.file("data/test"), to: kaggle)
      try FileManager.default.copyItem(
        at: fixture.file("data/tables/sample_submission.csv"),
        to: kaggle.appendingPathComponent("sample_submission.csv"))
      let parts = try await start(
        program,
        ["--images", kaggle.path, "--output", out.path, "--at-once", "4", "--threads", "1"])
      #expect(parts.status == 0 && parts.out.contains("in 2 parts"), "\(parts)")
      #expect(try Data(contentsOf: out) == expected)

      // A hidden test set with the public sample: a row for each image that is there.
      let images = kaggle.appendingPathComponent("images")
      let names = try FileManager.default.contentsOfDirectory(atPath: images.path).sorted()
      try FileManager.default.moveItem(
        at: images.appendingPathComponent(names[0]), to: images.appendingPathComponent("zz.png"))
      let hidden = try await start(program, ["--images", kaggle.path, "--output", out.path])
      #expect(hidden.status == 0 && hidden.err.contains("public test set's"), "\(hidden)")
      let table = try Submission(out, head: "id,rle_mask")
      #expect(table.ids == names.dropFirst().map { String($0.dropLast(4)) } + ["zz"])

      // Another sample with an image that isn't there.
      let sample = fixture.file("other.csv")
      try Data("id,rle_mask\nzz,\ngone,\n".utf8).write(to: sample)
      let call = ["--images", kaggle.path, "--output", out.path, "--sample", sample.path]
      let refused = try await start(program, call)
      #expect(refused.status == 2, "\(refused)")
      #expect(refused.err.contains("\(images.path)/gone.png"), "\(refused)")
      let lenient = try await start(program, call + ["--skip-bad"])
      #expect(lenient.status == 0 && lenient.err.contains("gone"), "\(lenient)")
      #expect(try Submission(out, head: "id,rle_mask").rows[1].runs == "")

      // A damaged model is found before anything is predicted.
      let model = URL(fileURLWithPath: answer.bundle + "/models/fold-0/model.safetensors")
      var bytes = try Data(contentsOf: model)
      bytes[bytes.count - 1] ^= 1
      try bytes.write(to: model)
      let damaged = try await start(program, call)
      #expect(damaged.status == 2 && damaged.err.contains("is damaged"), "\(damaged)")
    }

    @Test func theNotebookRunsTheBundle() async throws {
      let python = "/usr/bin/python3"
      guard FileManager.default.isExecutableFile(atPath: python) else { return }
      let fixture = try EndToEndTests.finishedCopy()
      let bundle = try await bundle(fixture)
      struct Notebook: Decodable {
        struct Cell: Decodable { var source: String }
        var cells: [Cell]
      }
      let notebook = try JSONDecoder().decode(
        Notebook.self, from: Data(contentsOf: bundle.appendingPathComponent("predict.ipynb")))
      let script = fixture.file("notebook.py")
      try Data(try #require(notebook.cells.last).source.utf8).write(to: script)
      let input = fixture.file("input")
      let datasets = input.appendingPathComponent("datasets/ada")
      try FileManager.default.createDirectory(at: datasets, withIntermediateDirectories: true)
      let unpacked = datasets.appendingPathComponent("work-bundle")
      try FileManager.default.moveItem(at: bundle, to: unpacked)
      // Kaggle keeps no modes.
      for name in ["predict", "bin/work-predict", "lib/ld-linux-x86-64.so.2"] {
        chmod(unpacked.path + "/" + name, 0o444)
      }
      let variables = [
        "WORK_INPUT": input.path, "WORK_OUTPUT": fixture.file("working").path,
        "PATH": "/usr/bin:/bin",
      ]
      let without = try await start(python, [script.path], environment: variables)
      #expect(without.status == 1 && without.err.contains("add the competition"), "\(without)")
      try FileManager.default.copyItem(
        at: fixture.file("data"), to: input.appendingPathComponent("demo-salt"))
      let run = try await start(python, [script.path], environment: variables)
      #expect(run.status == 0 && run.out.contains("6 rows"), "\(run)")
      #expect(
        try Data(contentsOf: fixture.file("working/submission.csv"))
          == Data(contentsOf: fixture.file("submissions/submission.csv")))
    }

    @Test func withoutAPredictionThereIsNothingToBundle() async throws {
      let fixture = try WorkspaceFixture()
      let output = try await fixture.work("bundle")
      #expect(output.status == 2 && output.err.contains("work run all"), "\(output)")
      #expect(!fixture.exists(".work/bundle"))
      // Nor is a folder of the user's replaced.
      let finished = try EndToEndTests.finishedCopy()
      let refused = try await finished.work("bundle", "-o", "data")
      #expect(refused.status == 2 && refused.err.contains("no bundle"), "\(refused)")
      #expect(finished.exists("data/eda.json"))
    }

    @Test func theNotebooksOutputIsSubmittedAndNoted() async throws {
      let fixture = try EndToEndTests.finishedCopy()
      let key = "0123456789abcdef0123"
      let server = KaggleServer(
        files: fixture.served, slug: "demo-salt", username: "ada", key: key)
      let endpoint = try await server.start()
      let environment = [
        "KAGGLE_API_ENDPOINT": endpoint.absoluteString, "HOME": fixture.root.path,
        "KAGGLE_API_TOKEN": key,
      ]
      await server.takeSubmissions(fromNotebooksOnly: true)
      let without = try await fixture.work("submit", "--notebook", environment: environment)
      #expect(without.status == 2 && without.err.contains("work bundle"), "\(without)")
      _ = try await bundle(fixture)

      await server.runNotebooks(failure: "it ran out of memory")
      let failed = try await fixture.work("submit", "--notebook", environment: environment)
      #expect(failed.status == 1 && failed.err.contains("it ran out of memory"), "\(failed)")
      #expect(await server.submitted.isEmpty)

      await server.runNotebooks()
      let done = try await fixture.work(
        "submit", "--notebook", "--wait", "-m", "one", environment: environment)
      #expect(done.status == 0 && done.out.contains("ada/work-predict-demo-salt/2"), "\(done)")
      #expect(await server.descriptions == ["one"])
      let ledger = try fixture.text("submissions/ledger.json")
      #expect(ledger.contains("ada/work-predict-demo-salt/2") && ledger.contains("0.8001"))
      #expect(!(failed.err + done.err + done.out + ledger).contains(key))
      let left = try FileManager.default.contentsOfDirectory(atPath: fixture.file(".work").path)
      #expect(!left.contains { $0.hasSuffix(".zip") })
      await server.stop()
    }
  }
}
