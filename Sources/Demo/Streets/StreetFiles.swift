// The streets competition's files: frames of several drives, and label maps of them.

import Archive
import Foundation
import Imaging

/// Writes the streets competition.
struct StreetFiles {
  let seed: UInt64
  let train: [Frame]
  let test: [Frame]
  /// Frames of a drive.
  private static let framesOfDrive = 8
  private static let columns = ["Id", "Pixels"]

  /// One picture before it is drawn.
  struct Frame {
    let drive: Int
    let number: Int

    var id: String {
      let digits = "\(number)"
      return "s\(drive)_" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
  }

  init(seed: UInt64, train: Int, test: Int) {
    self.seed = seed
    self.train = Self.frames(train, fromDrive: 1)
    let drives = self.train.last?.drive ?? 0
    self.test = Self.frames(test, fromDrive: drives + 1)
  }

  private static func frames(_ count: Int, fromDrive first: Int) -> [Frame] {
    (0..<count).map {
      Frame(drive: first + $0 / framesOfDrive, number: 1 + $0 % framesOfDrive)
    }
  }

  /// Writes all files.
  /// - Returns: the test images' classes as a table.
  func write(into folder: URL) throws -> Data {
    func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
    let drawn = draw(train)
    let hidden = draw(test)
    try pack(train, drawn.map(\.image), into: file("train_images.zip"))
    try pack(train, drawn.map(\.labels), into: file("train_labels.zip"))
    try pack(test, hidden.map(\.image), into: file("test_images.zip"))
    try table(
      ["name", "value"],
      StreetImage.classes.map { [$0.name, "\($0.value)"] } + [
        ["ignored", "\(StreetImage.ignored)"]
      ]
    ).write(to: file("classes.csv"))
    let names = test.flatMap { frame in StreetImage.classes.map { "\(frame.id)_\($0.name)" } }
    try table(Self.columns, names.map { [$0, ""] }).write(to: file("sample_submission.csv"))
    return table(Self.columns, zip(names, runs(hidden)).map { [$0, $1] })
  }

  private func draw(_ frames: [Frame]) -> [StreetImage] {
    var streets: [Int: Street] = [:]
    return frames.map { frame in
      var generator = SeededGenerator(seed: seed, "streets", "\(frame.drive)")
      let street = streets[frame.drive] ?? Street(using: &generator)
      streets[frame.drive] = street
      var noise = SeededGenerator(seed: seed, "streets", frame.id)
      return StreetImage(street, frame: frame.number, using: &noise)
    }
  }

  /// The run lengths of each image and class.
  private func runs(_ images: [StreetImage]) -> [String] {
    let dialect = RunLength(order: .row, base: 0)
    return images.flatMap { image in
      StreetImage.classes.map { name, value in
        dialect.encode(
          Mask(
            width: Street.width, height: Street.height,
            pixels: image.labels.samples.map { Int($0) == value ? 1 : 0 }))
      }
    }
  }

  private func pack(_ frames: [Frame], _ pictures: [Raster], into file: URL) throws {
    let archive = try ArchiveWriter(file)
    for (frame, picture) in zip(frames, pictures).sorted(by: { $0.0.id < $1.0.id }) {
      try archive.add(path: "\(frame.id).png", data: PNG.encode(picture))
    }
    try archive.finish()
  }
}
