// Synthetic competitions, as files that a competition site would serve. Knows nothing of servers.

import Archive
import Basics
public import Foundation
import Imaging

/// A competition made up from a seed: the same bytes for the same seed and sizes.
public enum DemoCompetition: String, Sendable, CaseIterable {
  /// Seismic-looking images of 101 × 101 pixels with bodies of salt, and depths that go with them.
  ///
  /// Files: `train.zip` (`images/{id}.png`, 8-bit RGB with R = G = B; `masks/{id}.png`, grey of 8
  /// or 16 bit), `test.zip` (`images/{id}.png`), `train.csv` (id, rle_mask: column-major, base 1,
  /// empty when there is no salt), `depths.csv` (id, z for training and test),
  /// `sample_submission.csv`.
  case salt
  /// Colour pictures of 96 × 80 pixels with stained cells, in another layout and dialect.
  ///
  /// Files: `train_pictures.zip` (`{id}_rgb.png`), `train_labels.zip` (`{id}_label.png`, grey of
  /// 1 bit), `test_pictures.zip`, `labels.csv` (ImageId, EncodedPixels: row-major, base 1, `-` when
  /// there is no cell), `template.csv`.
  case cells
  /// Microscope pictures of three sizes with nuclei, some of which touch.
  ///
  /// Files: `train.zip` (`{id}/images/{id}.png`, RGBA; `{id}/masks/*.png`, grey, one a nucleus),
  /// `test.zip` (`{id}/images/{id}.png`), `train_labels.csv` (ImageId, EncodedPixels: a row a nucleus,
  /// column-major, base 1), `sample_submission.csv`.
  case nuclei
  /// Frames of 96 × 64 pixels from drives along streets, with the class of each pixel.
  ///
  /// Files: `train_images.zip` and `test_images.zip` (`{id}.png`, RGB; ids such as `s3_0007`, the third
  /// drive's seventh frame), `train_labels.zip` (`{id}.png`, grey of 8 bit), `classes.csv` (name, value),
  /// `sample_submission.csv` (Id, Pixels: a row an image and class, `s3_0007_road`; row-major, base 0).
  case streets

  /// Writes the competition's files into a folder, which must not exist: it appears whole or not at
  /// all.
  /// - Parameters:
  ///   - train: how many training images; from 20 on a few of salt's are odd on purpose.
  ///   - test: how many test images.
  ///   - truth: where to write the test images' masks, as a table like the training one, for whoever
  ///     grades a submission. Keep it out of the folder.
  /// - Throws: `DemoError`, or what Archive and Imaging throw, where something can't be written.
  public func generate(
    into folder: URL, seed: UInt64, train: Int, test: Int, truth: URL? = nil
  ) throws {
    guard train > 0, test > 0 else {
      throw DemoError("a competition has at least one training and one test image")
    }
    guard !FileManager.default.fileExists(atPath: folder.path) else {
      throw DemoError("\(folder.path): exists already; remove it to make the demo anew")
    }
    let parts = folder.deletingLastPathComponent()
      .appendingPathComponent(".\(folder.lastPathComponent).partial", isDirectory: true)
    try? FileManager.default.removeItem(at: parts)
    do {
      try FileManager.default.createDirectory(at: parts, withIntermediateDirectories: true)
      let answers: Data
      switch self {
      case .salt: answers = try SaltFiles(seed: seed, train: train, test: test).write(into: parts)
      case .cells: answers = try CellFiles(seed: seed, train: train, test: test).write(into: parts)
      case .nuclei:
        answers = try NucleiFiles(seed: seed, train: train, test: test).write(into: parts)
      case .streets:
        answers = try StreetFiles(seed: seed, train: train, test: test).write(into: parts)
      }
      try truth.map { try Self.write(answers, to: $0) }
      try FileManager.default.moveItem(at: parts, to: folder)
    } catch {
      try? FileManager.default.removeItem(at: parts)
      if let cocoa = error as? CocoaError {
        throw DemoError("\(folder.path): can't be written: \(systemReason(cocoa))")
      }
      throw error
    }
  }

  /// Writes a file, whole or not at all, into a folder that must be there.
  private static func write(_ data: Data, to url: URL) throws {
    let file = try WholeFile(url)
    try data.withUnsafeBytes { try file.write($0) }
    try file.commit(flushed: false)
  }
}
