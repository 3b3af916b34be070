// Predictions of test images as labels to learn from: how sure a network is of each, which are kept, and the images
// with them.

import Basics
import Foundation
import Imaging
public import Workbench

/// How test images are labelled to be learnt from, as in the section `pseudo` of params.yaml.
public struct PseudoSettings: Codable, Sendable, Equatable, CheckedParameters {
  /// Images of which a network is less sure are left out, 0...1; see `ProbabilityMaps.confidence`.
  public var confidence: Double
  /// Epochs of the second training; nil: as many as of the first.
  public var epochs: Int?

  /// Settings as they are.
  public init(confidence: Double, epochs: Int? = nil) {
    self.confidence = confidence
    self.epochs = epochs
  }

  /// Refuses what is no share, and no training.
  /// - Throws: `SettingError`.
  public func check() throws {
    try SettingError.check(
      (0...1).contains(confidence), "pseudo.confidence",
      "is \(confidence), should be from 0 to 1: images of which a network is less sure are left out"
    )
    try SettingError.check(
      epochs ?? 1 >= 1, "pseudo.epochs", "is \(epochs ?? 0), should be 1 or more, or null")
  }
}

extension ProbabilityMaps {
  /// How sure the predictions are, 0...1, one an image.
  ///
  /// Of masks, the intersection over union with the truth that is to be expected where probabilities are right:
  /// the sum of probabilities within the mask (0.5 and above), over the mask's pixels and the probabilities
  /// outside it. A 500th of the image's pixels is added to both, so that an image without marks is as sure as its
  /// probabilities are low. The mean over classes; of instances, their foreground alone. Of exclusive classes, the
  /// mean probability of each pixel's likeliest class.
  public func confidence(_ kind: TargetKind) -> [Double] {
    (0..<count).map { index in
      let pixels = sizes[index].pixels
      switch kind {
      case .labels:
        return Double(bytes(index, channel: 1).reduce(0) { $0 + Int($1) }) / Double(255 * pixels)
      case .mask, .instances:
        let looked = kind == .mask ? channels : 1
        let sum = (0..<looked).reduce(0.0) { sum, channel in
          var (within, outside, marked) = (0, 0, 0)
          for byte in bytes(index, channel: channel) {
            if byte > 127 {
              (within, marked) = (within + Int(byte), marked + 1)
            } else {
              outside += Int(byte)
            }
          }
          let room = Double(255 * pixels) / 500
          return sum + (Double(within) + room) / (Double(255 * marked + outside) + room)
        }
        return sum / Double(looked)
      }
    }
  }
}

/// Test images with what a network sees in those of which it is sure.
public struct PseudoLabelled: Sendable {
  /// All test images; of those without a label nothing is known, though nothing is marked.
  public let images: ImageSet
  /// Indices of those with a label.
  public let labelled: [Int]
}

extension Stage {
  /// The test images, with predictions in the place of the truth.
  ///
  /// - Parameters:
  ///   - path: the input with the predictions of those that are to be learnt from.
  ///   - role: a word that no other predictions have, for files that are kept.
  ///   - withDepths: whether depths are read.
  /// - Throws: `StageFailure`, as for the test images; `ProbabilityMapsError`, `ImageSetError` where predictions are of
  ///   other images.
  public func pseudoLabelled(
    by path: String, role: String, withDepths: Bool
  ) throws -> PseudoLabelled {
    let competition = try competition()
    let url = try input(path)
    let maps = try ProbabilityMaps(contentsOf: url)
    let (kind, classes) = (competition.targets, competition.classNames.count)
    let source = TruthSource(kind: kind, classes: kind == .instances ? 1 : classes) { id, size in
      guard let index = maps.index(of: id) else {
        return Truth(
          kept: [UInt8](repeating: 0, count: size.pixels * maps.channels), size,
          channels: maps.channels, kind: kind)
      }
      guard maps.sizes[index] == size else {
        throw ImageSetError(
          id: id, problem: "has \(size) pixels, but its prediction in \(path) \(maps.sizes[index])")
      }
      return Truth(kept: maps.bytes(index), size, channels: maps.channels, kind: kind)
    }
    let images = try testImages(
      withDepths: withDepths, truth: source, facts: [fileFact(url)], role: role)
    return PseudoLabelled(images: images, labelled: try maps.ids.map { try images.index(of: $0) })
  }
}
