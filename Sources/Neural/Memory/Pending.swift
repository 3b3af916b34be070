// Scales, shifts and limits that are applied to a value whenever it is read.

/// What is still to be done to a stored value whenever it is read: max(scale x + shift, floor), and no
/// more than a ceiling where one is set, with one factor a channel. A batch norm and ReLU cost no pass
/// of their own this way.
final class Pending {
  let scale: Floats
  let shift: Floats
  let floor: Floats
  private let limit: Floats
  /// Null while no channel has one, which saves readers a comparison.
  private(set) var ceiling: UnsafeMutablePointer<Float>?

  /// Leaves values as they are until the factors are set.
  init(_ builder: PlanBuilder, channels: Int) {
    scale = builder.floats(channels)
    shift = builder.floats(channels)
    floor = builder.floats(channels)
    limit = builder.floats(channels)
    scale.pointer.update(repeating: 1, count: channels)
    shift.pointer.update(repeating: 0, count: channels)
    floor.pointer.update(repeating: -.infinity, count: channels)
    limit.pointer.update(repeating: .infinity, count: channels)
  }

  /// Clamps `channels` channels from `first` on.
  func clamp(_ first: Int, _ channels: Int, to limits: ClosedRange<Float>) {
    (floor.pointer + first).update(repeating: limits.lowerBound, count: channels)
    (limit.pointer + first).update(repeating: limits.upperBound, count: channels)
    if limits.upperBound < .infinity { ceiling = limit.pointer }
  }
}

/// The factors of some channels, from `offset` on.
struct Factors {
  let all: Pending
  var offset: Int

  init(_ all: Pending, offset: Int) {
    self.all = all
    self.offset = offset
  }

  var scale: UnsafeMutablePointer<Float> { all.scale.pointer + offset }
  var shift: UnsafeMutablePointer<Float> { all.shift.pointer + offset }
  var floor: UnsafeMutablePointer<Float> { all.floor.pointer + offset }

  var ceiling: UnsafeMutablePointer<Float>? { all.ceiling.map { $0 + offset } }

  func clamp(_ channels: Int, to limits: ClosedRange<Float>) {
    all.clamp(offset, channels, to: limits)
  }
}
