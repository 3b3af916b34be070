// A competition's folder as Kaggle serves it: what `work init` makes of its archives, tables and pictures.

import Foundation

@testable import Archive
@testable import Imaging
@testable import Pipeline
@testable import Survey

let servedTargets: [Target] = [
  // Paths and contents by turns, with a NUL behind each. `A.zip/B` is the file B of an archive, a content of `P` or `M` is a
  // picture or a mask.
  Target(name: "served") {
    [
      [
        "train.zip/images/a.png", "P", "train.zip/masks/a.png", "M", "train.zip/images/b.png", "P",
        "train.zip/masks/b.png", "M", "test.zip/images/c.png", "P", "depths.csv",
        "id,z\na,3\nb,4\nc,5\n",
        "sample_submission.csv", "id,rle_mask\nc,1 3\n",
      ],
      [
        "train_images.zip/a.png", "P", "train_images.zip/b.png", "P", "test_images.zip/c.png", "P",
        "train.csv", "ImageId,EncodedPixels\na.png,1 3 9 2\nb.png,\n", "sample_submission.csv",
        "ImageId,EncodedPixels\nc.png,1 1\n",
      ],
      [
        "train.zip/a/images/a.png", "P", "train.zip/a/masks/1.png", "M", "train.zip/b/images/b.png",
        "P", "train.zip/b/masks/2.png", "M", "test.zip/c/images/c.png", "P", "sample.csv",
        "ImageId,EncodedPixels\nc,1 1\n",
      ],
      [
        "train.zip/a.png", "P", "test.zip/c.png", "P", "train.json",
        #"{"images":[{"id":1,"file_name":"a.png","width":8,"height":8}],"categories":[{"id":1,"name":"x"}],"annotations":[{"image_id":1,"category_id":1,"segmentation":[[1,1,5,1,5,5]]}]}"#,
        "sample_submission.csv", "id,rle\nc,\n",
      ],
    ].map { Data($0.map { "\($0)\0" }.joined().utf8) }
  } body: { data in
    guard data.count < 1 << 14 else { return }
    let folder = Scratch.folder.appendingPathComponent("served", isDirectory: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let parts = data.split(separator: 0, omittingEmptySubsequences: false)
    var archives: [String: [String: Data]] = [:]
    for index in stride(from: 0, to: min(parts.count - 1, 64), by: 2) {
      let path = String(decoding: parts[index], as: UTF8.self)
      let content = Pictures.content(parts[index + 1])
      let names = path.split(separator: "/", maxSplits: 1)
      if names.count == 2, names[0].hasSuffix(".zip"), names[0].utf8.count < 100 {
        archives[String(names[0]), default: [:]][String(names[1])] = content
      } else if !path.utf8.contains(UInt8(ascii: "/")), path != ".", path != ".." {
        try? content.write(to: folder.appendingPathComponent(path))
      }
    }
    for (name, files) in archives {
      guard let archive = try? zip(files) else { continue }
      try archive.write(to: folder.appendingPathComponent(name))
    }
    let findings = try Survey.look(at: folder)
    let proposal = Proposal(
      slug: "tiny", findings: findings, knowledge: Knowledge(of: "tiny", findings),
      plan: TrainingPlan(for: findings))
    let text = try proposal.parameters(in: Pictures.parameters)
    promise(
      (try? Parameters(yaml: text)["competition"]) != nil, "what is written can be read: \(text)")
  }
]

private enum Pictures {
  static let parameters = (try? Repository.file("params.yaml")).map {
    String(decoding: $0, as: UTF8.self)
  }!

  private static let image = try! PNG.encode(
    Raster(
      width: 8, height: 8, channels: 1, bitDepth: 8, samples: (0..<64).map { UInt16($0 * 3) }))
  private static let mask = try! PNG.encode(
    Mask(width: 8, height: 8, pixels: (0..<64).map { $0 % 8 > 3 ? 1 : 0 }), bitDepth: 8)

  static func content(_ text: Data) -> Data {
    switch text {
    case Data("P".utf8): image
    case Data("M".utf8): mask
    default: Data(text)
    }
  }
}
