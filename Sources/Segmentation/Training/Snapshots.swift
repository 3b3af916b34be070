// A snapshot ensemble: the weights at the ends of the learning rate's cycles, which predict together.

import Neural
import Notebook

extension FitSettings {
  /// Cycles of `cosine-restarts` that are over before a step, which may lie between two; 0 of other schedules.
  func cyclesEnded(before step: Double, perEpoch: Int) -> Int {
    guard schedule == .cosineRestarts else { return 0 }
    var place = step - (warmupEpochs * Double(perEpoch)).rounded()
    var length = Double(restarts.epochs * perEpoch)
    var count = 0
    // Places between steps are rounded.
    while place > length - 1e-3 {
      place -= length
      length *= Double(restarts.multiplier)
      count += 1
    }
    return count
  }
}

extension Fit {
  /// The epochs after which a cycle is over, up to one (from 1) before the last; those that the last epoch's weights are
  /// joined by, `train.snapshots` less one at most. None unless `keep` asks for them.
  func snapshots(upTo epoch: Int, _ course: Course) -> [Int] {
    guard settings.keep == .snapshots else { return [] }
    let perEpoch = itemsPerEpoch / settings.batch
    func ended(_ epoch: Int) -> Int {
      settings.cyclesEnded(
        before: course.position(ofStep: epoch * perEpoch, perEpoch: perEpoch), perEpoch: perEpoch)
    }
    let ends = (1..<max(2, epoch + 1)).filter { $0 < course.total && ended($0) > ended($0 - 1) }
    return Array(ends.suffix((settings.snapshots ?? FitSettings.usualSnapshots) - 1))
  }

  /// Writes the weights at the end of a cycle. The checkpoint of the epoch comes after it.
  func keepSnapshot(_ epoch: Int, _ course: Course, of trainer: Trainer, _ files: FitFiles) throws {
    if snapshots(upTo: epoch, course).last == epoch {
      try files.keep(unsupervised(trainer.weights()), .snapshot(epoch))
    }
  }
}
