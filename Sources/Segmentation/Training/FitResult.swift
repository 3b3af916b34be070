// What a training tells: metrics of each epoch, progress between them, the result, and why it
// could not go on.

public import Foundation
public import Neural
public import Notebook

/// What is known after an epoch. Holds no time, so that it is the same for every run.
public struct EpochMetrics: Sendable, Equatable, Codable {
  /// From 1.
  public var epoch: Int
  /// Mean of the steps' losses, each before its step, with augmentation and dropout.
  public var trainLoss: Double
  /// Mean loss of the validation images; nil for epochs that are not validated.
  public var validationLoss: Double?
  /// The metric's mean of the validation images at probability 0.5, without TTA.
  public var score: Double?
  /// Learning rate of the epoch's last step.
  public var learningRate: Double
  /// Mean of the gradients' norms, before clipping.
  public var gradientNorm: Double

  enum CodingKeys: String, CodingKey {
    case epoch, score
    case trainLoss = "train_loss"
    case validationLoss = "validation_loss"
    case learningRate = "learning_rate"
    case gradientNorm = "gradient_norm"
  }
}

/// How long an epoch took. Apart from the metrics, since it is another every time.
public struct EpochTiming: Sendable, Equatable {
  /// From 1.
  public var epoch: Int
  /// Images trained on, by this run.
  public var images: Int
  /// Seconds of the steps, with the waiting between them.
  public var seconds: Double
  /// Seconds of these in which a step waited for its batch.
  public var waited: Double
  /// Seconds of the validation; 0 without one.
  public var validation: Double

  /// Milliseconds of training an image.
  public var millisecondsPerImage: Double { 1000 * seconds / Double(images) }
}

/// How far a training is within an epoch.
public struct FitProgress: Sendable, Equatable {
  /// The epoch, from 1.
  public var epoch: Int
  /// Epochs in all.
  public var epochs: Int
  /// Images of this epoch that are done.
  public var images: Int
  /// Images of an epoch.
  public var imagesTotal: Int
  /// Mean loss of this epoch's steps so far.
  public var loss: Double
  /// Images a second, in this epoch.
  public var rate: Double
}

/// A finished training.
public struct FitResult: Sendable {
  /// The model, with the weights that `keep` asks for.
  public var model: Model
  /// The name of the score in `history`.
  public var metric: String
  /// Epochs that were asked for, with those added.
  public var epochs: Int
  /// Images that an epoch trains on.
  public var imagesPerEpoch: Int
  /// Metrics of every epoch, those before a resumption too.
  public var history: [EpochMetrics]
  /// The epoch that the weights are from.
  public var keptEpoch: Int
  /// Epochs that were not trained again, since a checkpoint held them.
  public var resumedAfter: Int
  /// Steps of the epoch after these that were not trained again either.
  public var resumedSteps: Int
  /// How long the epochs took that were trained by this run.
  public var timings: [EpochTiming]
  /// Images left out of every epoch (others each time), since they do not fill a batch.
  public var leftOut: Int
  /// Memory of the training's plan, in bytes.
  public var plannedBytes: Int
  /// Why the validation score flatters the model; nil when it does not.
  public var bias: String?
  /// How far it went, where somebody asked for other than the settings' epochs.
  public var course: Course
}

/// A training that cannot begin or go on, and what to do.
public enum FitError: Error, Sendable, CustomStringConvertible {
  /// A loss or gradient became NaN or infinite, or the loss jumped up and stayed there.
  case diverged(epoch: Int, reason: String, checkpoint: URL?)
  /// The checkpoint is of another training.
  case otherTraining(checkpoint: URL)
  /// The checkpoint was made by another engine; resumed with this one, training would give other bits.
  case otherEngine(checkpoint: URL, made: EngineIdentity, here: EngineIdentity)
  /// The images do not fit the settings.
  case images(String)
  /// It was asked to stop; a checkpoint holds its state.
  case stopped(epoch: Int)
  /// A file cannot be written.
  case file(URL, String)

  /// For people.
  public var description: String {
    switch self {
    case .diverged(let epoch, let reason, let checkpoint):
      "epoch \(epoch): \(reason). "
        + (checkpoint.map { "The last good state is in \($0.path). " } ?? "")
        + "Try a lower train.learning_rate, or train.clip_norm: 1"
    case .otherTraining(let checkpoint):
      "\(checkpoint.path) belongs to another training run (other images, settings or "
        + "network); remove it to start over"
    case .otherEngine(let checkpoint, let made, let here):
      "\(checkpoint.path) was made by \(made); resumed here, by \(here), training would give other bits. "
        + "Resume it where it was made, or remove that file to start over"
    case .images(let problem): problem
    case .stopped(let epoch):
      "stopped in epoch \(epoch), as was asked, with a checkpoint; the next run goes on from there"
    case .file(let url, let problem): "\(url.path): \(problem)"
    }
  }
}

/// Metrics as JSON lines, one an epoch.
func jsonLines(_ history: [EpochMetrics]) throws -> Data {
  Data(try history.map { try JSON.line($0) + "\n" }.joined().utf8)
}
