// A competition's files that are not as they should be: the error names the file and the image, and
// nothing half-made is left.

import Archive
import Foundation
import Imaging
import Testing

extension EndToEndTests {
  @Suite struct BadFiles {
    /// Runs the first stages, and expects the stage to refuse its input.
    private func expectRefusal(
      _ fixture: WorkspaceFixture, by stage: String, _ words: String..., keeping: [String],
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      let output = try await fixture.run(stage)
      #expect(output.status == 2, "\(output)", sourceLocation: sourceLocation)
      let error = try #require(
        output.err.range(of: "error: \(stage): ").map { output.err[$0.upperBound...] }, "\(output)",
        sourceLocation: sourceLocation)
      for word in words {
        #expect(
          error.contains(word), "no “\(word)” in \(error)", sourceLocation: sourceLocation)
      }
      #expect(!error.contains("Fatal error"), sourceLocation: sourceLocation)
      let left = try fixture.leftovers().filter { path in
        !keeping.contains { path.hasPrefix($0 + "/") || path == $0 }
      }
      #expect(left == [], sourceLocation: sourceLocation)
      // The same again, and no harm done by the first time.
      let again = try await fixture.run(stage)
      #expect(again.status == 2, "\(again)", sourceLocation: sourceLocation)
    }

    private let unpacked = ["data/raw", "data/train", "data/test", "data/tables"]

    @Test func truncatedArchive() async throws {
      let fixture = try WorkspaceFixture()
      let file = fixture.served.appendingPathComponent("train.zip")
      let whole = try Data(contentsOf: file)
      try whole.prefix(whole.count / 2).write(to: file)
      try await expectRefusal(fixture, by: "unzip", "train.zip", keeping: ["data/raw"])
      // With the whole file it goes on.
      try whole.write(to: file)
      let output = try await fixture.run("download", "--force")
      #expect(output.status == 0, "\(output)")
      let healed = try await fixture.report("folds")
      #expect(healed.instances("done") == ["unzip", "folds"])
    }

    @Test func archiveThatLeavesItsFolder() async throws {
      let fixture = try WorkspaceFixture()
      // The writer refuses such names, so the bytes are changed afterwards.
      let file = fixture.served.appendingPathComponent("test.zip")
      try rewrite(file) { $0["xx/evil.txt"] = Data("evil".utf8) }
      let bytes = try Data(contentsOf: file)
      try bytes.replacing(Data("xx/evil.txt".utf8), with: Data("../evil.txt".utf8)).write(to: file)
      try await expectRefusal(
        fixture, by: "unzip", "test.zip", "../evil.txt", keeping: ["data/raw"])
      #expect(!fixture.exists("evil.txt") && !fixture.exists("data/evil.txt"))
    }

    @Test func imageOfAnotherSize() async throws {
      let fixture = try WorkspaceFixture()
      let id = try changeImages(fixture) { images, id in
        images["images/\(id).png"] = try PNG.encode(Mask(width: 100, height: 101), bitDepth: 8)
      }
      try await expectRefusal(
        fixture, by: "folds", id, "100", "101", "data/train/images", keeping: unpacked)
    }

    @Test func maskOfAnotherSize() async throws {
      let fixture = try WorkspaceFixture()
      let id = try changeImages(fixture) { images, id in
        images["masks/\(id).png"] = try PNG.encode(Mask(width: 101, height: 99), bitDepth: 8)
      }
      try await expectRefusal(
        fixture, by: "folds", id, "99", "data/train/masks", keeping: unpacked)
    }

    @Test func imageThatIsNone() async throws {
      let fixture = try WorkspaceFixture()
      let id = try changeImages(fixture) { images, id in
        images["images/\(id).png"] = images["images/\(id).png"]?.prefix(100)
      }
      try await expectRefusal(fixture, by: "folds", "\(id).png", keeping: unpacked)
    }

    @Test func maskWithoutImage() async throws {
      let fixture = try WorkspaceFixture()
      let id = try changeImages(fixture) { images, id in images["images/\(id).png"] = nil }
      try await expectRefusal(
        fixture, by: "folds", id, "mask", "data/train/images/{id}.png", keeping: unpacked)
    }

    @Test func imageWithoutMask() async throws {
      let fixture = try WorkspaceFixture()
      let id = try changeImages(fixture) { images, id in images["masks/\(id).png"] = nil }
      try await expectRefusal(
        fixture, by: "folds", id, "mask", "data/train/masks/{id}.png", keeping: unpacked)
    }

    @Test(
      arguments: [
        ("depths.csv", "id,z", "id,deep", "z"),
        ("train.csv", "id,rle_mask", "id,rle", "rle_mask"),
        ("sample_submission.csv", "id,rle_mask", "image,rle_mask", "id"),
      ])
    func missingColumn(
      _ table: String, _ head: String, _ other: String, _ column: String
    ) async throws {
      let fixture = try WorkspaceFixture()
      let file = fixture.served.appendingPathComponent(table)
      let text = try String(contentsOf: file, encoding: .utf8)
      try #require(text.hasPrefix(head + "\n"))
      try Data((other + text.dropFirst(head.count)).utf8).write(to: file)
      try await expectRefusal(
        fixture, by: "unzip", "data/tables/\(table)", "“\(column)”", keeping: ["data/raw"])
    }

    @Test func badNumberNamesItsLine() async throws {
      let fixture = try WorkspaceFixture()
      let file = fixture.served.appendingPathComponent("depths.csv")
      var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(
        String.init)
      lines[3] = lines[3].split(separator: ",")[0] + ",deep"
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
      try await expectRefusal(
        fixture, by: "folds", "depths.csv:4", "deep", keeping: unpacked)
    }

    @Test func folderThatMayNotBeRead() async throws {
      let fixture = try WorkspaceFixture()
      let sealed = fixture.file("sealed")
      try FileManager.default.createDirectory(at: sealed, withIntermediateDirectories: true)
      let empty = try await fixture.work("run", "download", "--data", sealed.path)
      #expect(empty.status == 2, "\(empty)")
      #expect(empty.err.contains(sealed.path), "\(empty)")
      chmod(sealed.path, 0)
      defer { chmod(sealed.path, 0o755) }
      // Root reads everything.
      if geteuid() != 0 {
        let output = try await fixture.work("run", "download", "--data", sealed.path)
        #expect(output.status == 1 || output.status == 2, "\(output)")
        #expect(output.err.contains(sealed.path), "\(output)")
      }
      #expect(try fixture.leftovers() == [])
    }

    @Test(.enabled("needs the right to mount a tmpfs") { try await canMount() })
    func fullDisk() async throws {
      let fixture = try WorkspaceFixture()
      let disk = fixture.file("disk")
      try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
      // Enough for the archives, and not for what is in them.
      let served = try Listing.paths(fixture.served).map { try size($0, fixture.served) }.reduce(
        0, +)
      let script = """
        mount -t tmpfs -o size=$(( \(served) + 500000 )) tmpfs disk && cd disk
        cp ../params.yaml . && cp -R ../stages ../Package.swift . && ln -s ../Sources Sources
        ln -s ../.build .build
        "$0" run folds --data ../served
        code=$?
        find data submissions -type f -not -path 'data/raw/*' 2>/dev/null
        exit $code
        """
      let output = try await Command(
        URL(fileURLWithPath: "/usr/bin/unshare"), ["-rm", "sh", "-c", script, Package.work.path],
        in: fixture.root, environment: Package.environment()
      ).output()
      #expect(output.status == 1, "\(output)")
      #expect(output.err.contains("No space left on device"), "\(output)")
      #expect(output.out == "", "half-made files are left")
    }

    private static func canMount() async throws -> Bool {
      let unshare = URL(fileURLWithPath: "/usr/bin/unshare")
      guard FileManager.default.isExecutableFile(atPath: unshare.path) else { return false }
      return try await Command(
        unshare, ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        in: FileManager.default.temporaryDirectory, environment: Package.environment()
      ).output().status == 0
    }

    // MARK: Making them

    private func size(_ path: String, _ folder: URL) throws -> Int {
      try FileManager.default.attributesOfItem(
        atPath: folder.appendingPathComponent(path).path)[.size] as? Int ?? 0
    }

    /// Changes what train.zip holds, and gives the id of the image that the change is about.
    private func changeImages(
      _ fixture: WorkspaceFixture, _ change: (inout [String: Data], String) throws -> Void
    ) throws -> String {
      var chosen = ""
      try rewrite(fixture.served.appendingPathComponent("train.zip")) { images in
        let name = try #require(images.keys.sorted().first { $0.hasPrefix("images/") })
        chosen = String(name.dropFirst(7).dropLast(4))
        try change(&images, chosen)
      }
      return chosen
    }

    private func rewrite(_ archive: URL, _ change: (inout [String: Data]) throws -> Void) throws {
      let folder = archive.appendingPathExtension("unpacked")
      _ = try extract(archive, into: folder, limit: 1_000_000_000)
      var entries: [String: Data] = [:]
      for path in try Listing.paths(folder) {
        entries[path] = try Data(contentsOf: folder.appendingPathComponent(path))
      }
      try FileManager.default.removeItem(at: folder)
      try FileManager.default.removeItem(at: archive)
      try change(&entries)
      let writer = try ArchiveWriter(archive)
      for (path, data) in entries.sorted(by: { $0.key < $1.key }) {
        try writer.add(path: path, data: data)
      }
      try writer.finish()
    }
  }
}
