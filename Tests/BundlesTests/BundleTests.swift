// What a bundle is made of: the list of libraries, the manifest, the texts. That it predicts is tested end to end.

import Archive
import Basics
import Bundles
import Foundation
import TestSupport
import Testing

@Suite struct BundleTests {
  private static let listing = """
    \tlinux-vdso.so.1 (0x00007ffc3c5f2000)
    \tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f2cd2a38000)
    \tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f2ccff8b000)
    \t/lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (0x00007f2cd9339000)
    """

  @Test func librariesAreThoseWithFiles() throws {
    let closure = try LibraryClosure(listing: Self.listing, program: "predict")
    #expect(closure.libraries.map(\.name) == ["libc.so.6", "libm.so.6"])
    #expect(closure.loader.name == "ld-linux-x86-64.so.2")
  }

  @Test func aMissingLibraryIsNamed() throws {
    let error = try #require(throws: InputError.self) {
      try LibraryClosure(
        listing: Self.listing + "\n\tlibpng16.so.16 => not found\n", program: "predict")
    }
    #expect(error.description.contains("libpng16.so.16"), "\(error)")
  }

  private func writer(_ folder: TemporaryFolder) throws -> BundleWriter {
    BundleWriter(
      program: URL(fileURLWithPath: "/bin/true"),
      models: [try folder.write("one", to: "a/model"), try folder.write("two", to: "b/model")],
      postProcessing: try folder.write("{}", to: "choice.json"), notices: [], title: "Salt & Co")
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let folder = try TemporaryFolder()
    var manifest = try writer(folder).manifest(
      parameters: .object([.init("inference", .object([.init("batch", .int(4))]))]),
      overridden: ["inference.batch"])
    manifest.sample = .init(sha256: "ab", columns: ["id", "mask"], leavesOut: 0)
    try manifest.write(to: folder.url)
    #expect(try BundleManifest(bundle: folder.url) == manifest)
    #expect(manifest.models.map(\.path).last == "models/fold-1/model.safetensors")

    try folder.write(#"{"version": 2, "shape": "another"}"#, to: "bundle.json")
    let error = try #require(throws: InputError.self) { try BundleManifest(bundle: folder.url) }
    #expect(error.description.contains("version 2") && error.description.contains("work bundle"))
  }

  @Test func aBundleHasItsPartsAndIsPackedTheSameEachTime() throws {
    let folder = try TemporaryFolder()
    let writer = try writer(folder)
    var manifest = try writer.manifest(parameters: .object([]), overridden: [])
    manifest.slug = "salt \"2\""
    let bundle = folder.url.appendingPathComponent("bundle")
    _ = try writer.write(manifest, to: bundle)
    for path in [
      "predict", "bin/work-predict", "lib/libc.so.6", "lib/ld-linux-x86-64.so.2", "README.md",
      "models/fold-0/model.safetensors",
    ] {
      #expect(FileManager.default.fileExists(atPath: bundle.path + "/" + path), "\(path)")
    }
    #expect(access(bundle.path + "/predict", X_OK) == 0)

    struct Notebook: Decodable {
      struct Cell: Decodable { var source: String }
      var cells: [Cell]
      var nbformat: Int
    }
    let notebook = try JSONDecoder().decode(
      Notebook.self, from: Data(contentsOf: bundle.appendingPathComponent("predict.ipynb")))
    #expect(notebook.nbformat == 4 && notebook.cells.count == 2)
    #expect(notebook.cells[1].source.contains(#"COMPETITION = "salt \"2\"""#))

    let files = ["one.zip", "two.zip"].map(folder.url.appendingPathComponent)
    for file in files { try BundleArchive.write(bundle, to: file) { _, _ in } }
    #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]))
  }
}
