// Probabilities by several models together: the mean over models of the mean over transforms.

public import Foundation
import Imaging
public import Neural
public import Segmentation

/// Models that predict together, such as those of all folds.
public final class Ensemble {
  /// A network's logits [count, height, width, outputs] of images [count, height, width, channels] and
  /// features [count, n].
  package typealias Forward = (_ images: [Float], _ features: [Float], _ count: Int) throws ->
    [Float]

  /// One model, ready to compute.
  package struct Member {
    package var normalization: Normalization
    package var check: (ImageSet) throws -> Void
    package var forward: Forward

    package init(
      normalization: Normalization, check: @escaping (ImageSet) throws -> Void = { _ in },
      forward: @escaping Forward
    ) {
      self.normalization = normalization
      self.check = check
      self.forward = forward
    }
  }

  private let members: [Member]
  private let batch: Int
  private let frame: Frame
  private let head: TargetHead
  private let overlap: Double
  private let threads: Int

  /// Memory of the models' plans and weights, in bytes.
  public let plannedBytes: Int

  /// - Parameters:
  ///   - models: those that predict together; each of the weights of one counts alike.
  ///   - batch: images, or windows of them, a call of a network.
  ///   - overlap: the share of a window that the next one covers again, 0..<1.
  /// - Throws: `SettingError` without any model or where they don't go together, and the engine's errors.
  public init(
    _ models: [Model], batch: Int, overlap: Double = 0.5, engine: EngineSettings
  ) throws {
    try SettingError.check(!models.isEmpty, "models", "there is none to predict with")
    try SettingError.check(batch >= 1, "inference.batch", "is \(batch), should be 1 or more")
    guard
      models.allSatisfy({
        $0.frame == models[0].frame && $0.head.outputs == models[0].head.outputs
          && $0.image == models[0].image
      })
    else {
      throw SettingError(
        setting: "models", problem: "see images in different ways; train all folds again")
    }
    let models = models.flatMap(\.members)
    self.batch = batch
    self.overlap = overlap
    threads = engine.threads
    (frame, head) = (models[0].frame, models[0].head)
    let predictors = try models.map { try $0.predictor(batch: batch, engine: engine) }
    plannedBytes = predictors.reduce(0) { $0 + $1.plannedBytes }
    members = zip(models, predictors).map { model, predictor in
      Member(normalization: model.normalization, check: model.check(accepts:)) {
        try predictor.logits(images: $0, features: $1, count: $2)
      }
    }
  }

  package init(
    members: [Member], batch: Int, frame: Frame = .whole, head: TargetHead = .mask,
    overlap: Double = 0.5, threads: Int = 1
  ) {
    self.members = members
    self.batch = batch
    self.frame = frame
    self.head = head
    self.overlap = overlap
    self.threads = threads
    plannedBytes = 0
  }

  /// What is counted by the progress of a prediction: images, or windows of them.
  public func frames(of set: ImageSet, at indices: [Int]) -> Int {
    frame.count(of: set, at: indices, overlap: overlap)
  }

  /// Predicts images of a set. Sums are taken in the order of models and transforms, so that the
  /// result is the same for any batch and any number of threads.
  /// - Parameters:
  ///   - indices: which images; the maps are in this order.
  ///   - file: where to keep the maps meanwhile; nil: in memory.
  ///   - progress: called with the number of frames done; stops the prediction by throwing.
  /// - Throws: `ModelError` when the images don't fit the models, and the engine's errors.
  public func predict(
    _ set: ImageSet, at indices: [Int], tta: TTA, file: URL? = nil,
    progress: (Int) throws -> Void = { _ in }
  ) throws -> ProbabilityMaps {
    for member in members { try member.check(set) }
    let input = try frame.input(for: set)
    let transforms = tta.transforms(width: input.width, height: input.height)
    let share = 1 / Float(members.count * transforms.count)
    let makers = members.map {
      BatchMaker(set: set, normalization: $0.normalization, frame: frame)
    }
    let builder = try ProbabilityMaps.Builder(channels: head.mapChannels, file: file)
    let run = MapRun(
      set: set, frame: frame, input: ImageSize(width: input.width, height: input.height),
      outputs: head.outputs, batch: batch, overlap: overlap, threads: threads)
    let count = input.pixels * head.outputs
    let (head, threads) = (head, threads)
    var done = 0
    try run.run(
      indices,
      forward: { frames, images in
        // A frame is a thread's; sums over models and transforms are taken in order.
        var sums = [[Float]](repeating: [Float](repeating: 0, count: count), count: frames.count)
        for (member, maker) in zip(members, makers) {
          let batch = maker.frames(frames, of: images)
          for transform in transforms {
            let moved =
              transform == .identity
              ? batch.images
              : try concurrentMap(count: frames.count, threads: threads) {
                Self.move(batch.images, $0, by: transform, input)
              }.flatMap { $0 }
            let logits = try member.forward(moved, batch.features, batch.count)
            let before = sums
            sums = try concurrentMap(count: frames.count, threads: threads) { place in
              var sum = before[place]
              // Sides are exchanged only where they are equal.
              head.add(
                Self.move(
                  logits, place, by: transform.inverse,
                  Shape(height: input.height, width: input.width, channels: head.outputs)),
                to: &sum)
              return sum
            }
          }
        }
        done += frames.count
        try progress(done)
        return sums.map { $0.map { $0 * share } }
      },
      onImage: { place, map in
        let index = indices[place]
        try builder.add(set.ids[index], set.size(index), head.kept(map))
      })
    return try builder.maps()
  }

  /// One image of a batch, moved.
  private static func move(
    _ batch: [Float], _ place: Int, by transform: Dihedral, _ shape: Shape
  ) -> [Float] {
    let own = Array(batch[(place * shape.count)..<((place + 1) * shape.count)])
    guard transform != .identity else { return own }
    return transform.apply(
      Plane(width: shape.width, height: shape.height, channels: shape.channels, values: own)
    ).values
  }
}
