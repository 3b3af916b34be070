// How far a training goes: for as many epochs as its settings say, unless it is asked to stop after one or to go
// on for more. What comes of it is a function of this course, not of the time at which it was asked.

import Foundation
import Neural
import Notebook

extension Fit {
  /// How long between two looks at what is asked for.
  static let lookEvery = Duration.milliseconds(250)

  /// The course so far.
  func course(_ state: FitState) -> Course {
    var course = Course(planned: settings.epochs)
    course.extended = (state.extensions ?? []).map { .init(after: $0.after, by: $0.by) }
    course.stoppedAfter = state.stoppedAfter
    return course
  }

  /// Takes in what is asked for at the end of an epoch's steps. Nothing can be added behind the last epoch: its
  /// learning rate has come to the schedule's end.
  func heed(_ requests: Requests, in epoch: Int, _ state: inout FitState) {
    guard epoch < course(state).total else { return }
    let heeded = Set((state.extensions ?? []).map(\.request))
    for asked in requests.extensions where !heeded.contains(asked.name) {
      state.extensions =
        (state.extensions ?? []) + [
          .init(request: asked.name, after: epoch, by: asked.steps)
        ]
    }
    if requests.stopsAfterStep { state.stoppedAfter = epoch }
  }

  /// Validates the epoch after which training was asked to stop, as the last one always is. The checkpoint
  /// doesn't know of it, so that a training that goes on from there comes to the bytes of one that was never
  /// stopped.
  func validateStopped(
    _ state: inout FitState, _ trainer: Trainer, _ batches: BatchMaker, _ losses: [Loss],
    _ files: FitFiles, _ history: URL?, _ onEpoch: (EpochMetrics) throws -> Void
  ) throws {
    guard state.stoppedAfter != nil, var last = state.history.last, last.validationLoss == nil
    else { return }
    let loss = losses[settings.lossNumber(epoch: last.epoch)]
    let wasStopped = state.isStopped
    try validate(last.epoch, &last, &state, trainer, batches, loss, files)
    state.isStopped = wasStopped
    state.history[state.history.count - 1] = last
    try write(state.history, to: history)
    try onEpoch(last)
  }
}

extension Course {
  /// Where a step (from 0) stands among those that the settings plan, of which the first is 0. From where epochs
  /// were added, the rest of the plan is stretched, so that the learning rate goes on from where it is and
  /// still comes to the schedule's end with the last step.
  func position(ofStep step: Int, perEpoch: Int) -> Double {
    let last = Double(planned * perEpoch - 1)
    var (real, place, slope) = (0, 0.0, 1.0)
    var total = planned
    for more in extended {
      total += more.by
      let start = more.after * perEpoch
      guard start <= step else { continue }
      place += Double(start - real) * slope
      real = start
      let steps = total * perEpoch - 1 - start
      slope = steps > 0 ? (last - place) / Double(steps) : 0
    }
    return min(last, place + Double(step - real) * slope)
  }
}

extension FitSettings {
  /// The learning rate at a place between steps; see `learningRate(step:of:)`.
  func learningRate(position: Double, of total: Int) -> Float {
    let step = position.rounded(.down)
    let rate = learningRate(step: Int(step), of: total)
    let part = position - step
    guard part > 0 else { return rate }
    let next = learningRate(step: Int(step) + 1, of: total)
    return Float(Double(rate) + part * (Double(next) - Double(rate)))
  }
}
