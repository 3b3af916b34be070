// Zip archives: the listing, reading members, and unpacking, after which nothing lies outside the folder.

import Foundation

@testable import Archive

let archiveTargets: [Target] = [
  Target(name: "zip") {
    try [
      zip(["a.csv": Data("id,x\n1,2\n".utf8)]),
      zip(["train/images/a.png": Data(0..<200), "train/b.txt": Data(), "ü/c": Data([1])]),
      zip(["train.zip": zip(["x.csv": Data("a\n1\n".utf8)]), "t.csv.zip": zip(["t.csv": Data()])]),
    ] + Repository.fixtures(beginning: [[0x50, 0x4B]])
  } body: { data in
    let file = try Scratch.write(data, as: "input.zip")
    let folder = Scratch.folder.appendingPathComponent("unpacked")
    defer {
      try? FileManager.default.removeItem(at: folder)
      let left = try? FileManager.default.contentsOfDirectory(atPath: Scratch.folder.path)
      promise(left == ["input.zip"], "nothing lies outside the folder: \(left ?? [])")
    }
    let listed = outcome { try entries(of: file) }
    if case .success(let entries) = listed {
      try? read(Set(entries.map(\.path)), of: file, limit: 1 << 16) { _, content in
        promise(content.count <= 1 << 16, "no more is read than asked for")
      }
      _ = try? ArchiveView(file)
      _ = try? Placement(of: entries.map(\.path), by: ["input": "train"])
    }
    let summary = try extract(file, into: folder, limit: 1 << 20)
    promise(summary.bytes <= 1 << 20, "the limit holds")
  }
]

/// An archive of files by path.
func zip(_ files: [String: Data]) throws -> Data {
  let url = Scratch.folder.appendingPathComponent("made.zip")
  defer { try? FileManager.default.removeItem(at: url) }
  let writer = try ArchiveWriter(url)
  for (path, data) in files.sorted(by: { $0.key < $1.key }) {
    try writer.add(path: path, data: data)
  }
  try writer.finish()
  return try Data(contentsOf: url)
}
