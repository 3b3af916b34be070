// Means of several runs' probability maps, and what they score: quickly for choosing weights, and as *evaluate* does
// for judging them.

import Analysis
import Datasets
import Foundation
import Imaging
import ToolReports
import Workbench

/// Weighted means of maps, in the images and order of the first run.
struct Blender {
  let ids: [String]
  private let parts: [ProbabilityMaps]
  /// Where each image stands in each part.
  private let positions: [[Int]]
  private let folder: URL

  /// - Throws: `StageFailure` where runs have other images, sizes or channels.
  init(_ parts: [ProbabilityMaps], in stage: Stage) throws {
    func fail(_ problem: String) -> StageFailure {
      StageFailure("the runs can't be blended: \(problem)", exit: .badInput)
    }
    guard let first = parts.first else { throw fail("none is named") }
    ids = first.ids
    self.parts = parts
    folder = stage.scratch
    positions = try parts.map { part in
      guard part.channels == first.channels else {
        throw fail("their maps have \(first.channels) and \(part.channels) channels")
      }
      return try first.ids.indices.map { index in
        guard let position = part.index(of: first.ids[index]) else {
          throw fail("one has no prediction of \(first.ids[index])")
        }
        guard part.sizes[position] == first.sizes[index] else {
          throw fail("their maps of \(first.ids[index]) differ in size")
        }
        return position
      }
    }
  }

  var channels: Int { parts[0].channels }
  func size(_ index: Int) -> ImageSize { parts[0].sizes[index] }

  /// The mean map of an image, [height, width, channels], each run counted so often.
  func bytes(_ index: Int, _ counts: [Int]) -> [UInt8] {
    let used = counts.indices.filter { counts[$0] > 0 }
    if used.count == 1 { return parts[used[0]].bytes(positions[used[0]][index]) }
    let total = counts.reduce(0, +)
    var sums = [Int32](repeating: Int32(total / 2), count: size(index).pixels * channels)
    for part in used {
      let weight = Int32(counts[part])
      for (place, byte) in parts[part].bytes(positions[part][index]).enumerated() {
        sums[place] += weight * Int32(byte)
      }
    }
    let divisor = Int32(total)
    return sums.map { UInt8($0 / divisor) }
  }

  /// All mean maps.
  func maps(_ counts: [Int]) throws -> ProbabilityMaps {
    let name = "blend-" + counts.map(String.init).joined(separator: "-")
    let builder = try ProbabilityMaps.Builder(
      channels: channels, file: folder.appendingPathComponent(name))
    for index in ids.indices { try builder.add(ids[index], size(index), bytes(index, counts)) }
    return try builder.maps()
  }
}

/// Scores by which weights are chosen: with the best threshold of those in params.yaml, without a minimum area.
final class BlendScores {
  private let blender: Blender
  private let images: ImageSet
  private let metric: Metric
  private let kind: TargetKind
  /// The least byte that is marked, by threshold.
  private let leasts: [Int]
  private let threads: Int
  /// The images of all folds but one, by fold; at the end those of all.
  private let parts: [[Int]]
  private let places: [Int]
  private var known: [[Int]: [Double]] = [:]

  init(
    _ blender: Blender, _ images: ImageSet, _ folds: Folds, _ competition: Competition,
    _ settings: EvaluationSettings, _ threads: Int
  ) throws {
    (self.blender, self.images, self.threads) = (blender, images, threads)
    metric = competition.metric
    kind = competition.targets
    leasts = try Set(settings.thresholds.values()).sorted().map { threshold in
      (0...255).first { Double($0) / 255 > threshold } ?? 256
    }
    places = try blender.ids.map(images.index(of:))
    let foldOf = Dictionary(zip(folds.ids, folds.folds), uniquingKeysWith: { first, _ in first })
    let all = Array(blender.ids.indices)
    parts =
      (0..<folds.count).map { fold in all.filter { foldOf[blender.ids[$0]] != fold } } + [all]
  }

  /// The score on all folds but each, and at the end on all.
  func scores(of counts: [Int]) throws -> [Double] {
    if let scores = known[counts] { return scores }
    let tallies = try tallies(counts)
    let scores = parts.map { part in
      (tallies.first?.indices ?? 0..<0).map { setting in
        metric.score(of: part.lazy.map { tallies[$0][setting] })
      }.max() ?? 0
    }
    known[counts] = scores
    return scores
  }

  /// Of each image, with each setting.
  private func tallies(_ counts: [Int]) throws -> [[Tally]] {
    let (blender, images, places, leasts, kind) = (blender, images, places, leasts, kind)
    return try concurrentMap(count: blender.ids.count, threads: threads) { index in
      let bytes = blender.bytes(index, counts)
      guard kind == .mask else {
        let predicted = Prediction(
          kept: bytes, blender.size(index), channels: blender.channels, kind: kind)
        return [Tally(predicted, truth: images.truth(places[index]), classes: images.classes)]
      }
      let channels = blender.channels
      let overlaps = (0..<channels).map { channel in
        Self.overlaps(
          bytes, channel, of: channels, images.mask(places[index], of: channel), leasts)
      }
      return leasts.indices.map { setting in
        Tally(classes: overlaps.map { .init(overlap: $0[setting]) })
      }
    }
  }

  private static func overlaps(
    _ bytes: [UInt8], _ channel: Int, of channels: Int, _ mask: Mask, _ leasts: [Int]
  ) -> [Overlap] {
    // Pixels with a byte of at least b, for b from 0 to 256.
    var all = [Int](repeating: 0, count: 257)
    var marked = all
    for pixel in mask.pixels.indices {
      let byte = Int(bytes[pixel * channels + channel])
      all[byte] += 1
      marked[byte] += Int(mask.pixels[pixel])
    }
    for byte in stride(from: 255, through: 0, by: -1) {
      all[byte] += all[byte + 1]
      marked[byte] += marked[byte + 1]
    }
    return leasts.map { Overlap(truth: marked[0], predicted: all[$0], intersection: marked[$0]) }
  }
}

/// Judges blends as *evaluate* judges a run.
final class BlendJudge {
  private let blender: Blender
  private let images: ImageSet
  private let folds: Folds
  private let competition: Competition
  private let settings: EvaluationSettings
  private let stage: Stage
  private var known: [[Int]: Evaluation] = [:]

  init(
    _ blender: Blender, _ images: ImageSet, _ folds: Folds, _ competition: Competition,
    _ settings: EvaluationSettings, _ stage: Stage
  ) {
    (self.blender, self.images, self.folds) = (blender, images, folds)
    (self.competition, self.settings, self.stage) = (competition, settings, stage)
  }

  /// A blend's evaluation, with the same weights for all folds.
  func evaluation(_ counts: [Int]) throws -> Evaluation {
    if let evaluation = known[counts] { return evaluation }
    let evaluation = try Evaluation(
      of: blender.maps(counts), truth: images, folds: folds, metric: competition.metric,
      grid: settings.grid(), instances: settings.instances ?? .usual, threads: stage.threads)
    known[counts] = evaluation
    return evaluation
  }

  /// What a blend scores.
  func score(_ counts: [Int]) throws -> BlendReport.Score {
    let evaluation = try evaluation(counts)
    return BlendReport.Score(
      mean: evaluation.score, folds: evaluation.folds.map(\.score),
      images: evaluation.images.map(\.score))
  }

  /// What blends score of which each was chosen without the fold that it is judged on. The mean is over images; of a
  /// metric that pools pixels, each fold's score counts by its images.
  func score(ofFolds counts: [[Int]]) throws -> BlendReport.Score {
    let evaluations = try counts.map(evaluation)
    let folds = evaluations.indices.map { evaluations[$0].folds[$0] }
    let all = folds.reduce(0) { $0 + $1.images }
    let mean = folds.reduce(0) { $0 + $1.score * Double($1.images) } / Double(max(1, all))
    let images = (evaluations.first?.images ?? []).indices.map { index in
      evaluations[evaluations[0].images[index].fold].images[index].score
    }
    return BlendReport.Score(mean: mean, folds: folds.map(\.score), images: images)
  }
}
