// What a training predicts of a few images of the fold left out while it learns, for the page.

import Basics
import Datasets
import Imaging
import Neural
import Notebook

extension Fit {
  /// Images that are shown each time, and those that score worst then.
  private static let shown = (fixed: 6, worst: 2)
  /// Times that a page can hold.
  private static let mostTimes = 20
  /// The longest side of a picture: four fit beside each other, twice.
  private static let side = 76

  /// Whether a validation after this epoch is shown: the last, and of the others as many as a page can hold.
  func showsSamples(after epoch: Int, of total: Int) -> Bool {
    guard epoch < total else { return true }
    let every = max(1, settings.validateEvery)
    let times = max(1, total / every)
    let step = (times + Self.mostTimes - 1) / Self.mostTimes
    return epoch / every % step == 0
  }

  /// Rows of image, truth, probability and differences: of six images that their ids choose, the same each time, and of the
  /// two that score worst at this time.
  ///
  /// - Throws: the engine's errors, `PNGError` where a picture can't be encoded.
  func samples(_ validated: Validated, _ batches: BatchMaker, epoch: Int) throws -> PictureGrid {
    let fixed = validation.map { (index: $0, luck: set.luck("sample predictions", $0)) }
      .sorted { $0.luck < $1.luck }.prefix(Self.shown.fixed).map(\.index)
    let worst = validated.worstFirst.map(\.index).filter { !fixed.contains($0) }
      .prefix(Self.shown.worst)
    let chosen = fixed + worst
    let scores = Dictionary(
      uniqueKeysWithValues: validated.worstFirst.map { ($0.index, $0.score) })
    let input = try frame.input(for: set)
    let model = Model(
      network: network, weights: validated.weights, image: input, features: features,
      normalization: batches.normalization, frame: frame, head: head)
    var engine = engine
    engine.threads = max(1, min(threads(), engine.threads))
    let maps = try model.probabilities(
      of: set, at: chosen, batch: settings.batch, engine: engine)
    return PictureGrid(
      title: "Predictions of images left out",
      caption:
        "The first \(fixed.count) are the same each time, the others those that scored worst then. White is right, "
        + "blue was missed, orange is too much.",
      columns: ["image", "truth", "probability", "differences"],
      rows: try zip(chosen, maps).map { try row($0, $1, score: scores[$0]) },
      step: "epoch \(epoch)")
  }

  private func row(_ index: Int, _ map: Plane, score: Double?) throws -> [Picture] {
    let size = set.size(index)
    let shown = size.fitting(Self.side)
    let truth = set.truth(index)
    let predicted = prediction(map, index)
    let none = Truth.masks([Mask(width: shown.width, height: shown.height)])
    let label = set.ids[index].shortened + (score.map { " · \(decimal($0))" } ?? "")
    return [
      try Picture(none, on: set.image(index).thumbnail(shown), label: label),
      try Picture(truth.differences(from: truth, size: shown)),
      try Picture(heat: likeliest(map).scaled(to: shown)),
      try Picture(predicted.differences(from: truth, size: shown)),
    ]
  }

  /// One channel: the largest probability of masks, that of the likeliest class, that of an instance's inside.
  private func likeliest(_ map: Plane) -> Plane {
    let looked = set.truthKind == .instances ? 1 : map.channels
    return Plane(
      width: map.width, height: map.height,
      values: (0..<(map.width * map.height)).map { pixel in
        map.values[(pixel * map.channels)..<(pixel * map.channels + looked)].max() ?? 0
      })
  }
}
