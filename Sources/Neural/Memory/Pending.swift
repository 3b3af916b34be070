// Scales, shifts and floors that are applied to a value whenever it is read.

/// What is still to be done to a stored value whenever it is read: max(scale x + shift, floor), with
/// one factor a channel. A batch norm and ReLU cost no pass of their own this way.
final class Pending {
  let scale: Floats
  let shift: Floats
  let floor: Floats

  /// Leaves values as they are until the factors are set.
  init(_ builder: PlanBuilder, channels: Int) {
    scale = builder.floats(channels)
    shift = builder.floats(channels)
    floor = builder.floats(channels)
    scale.pointer.update(repeating: 1, count: channels)
    shift.pointer.update(repeating: 0, count: channels)
    floor.pointer.update(repeating: -.infinity, count: channels)
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

  func setFloor(_ value: Float, _ channels: Int) {
    floor.update(repeating: value, count: channels)
  }
}
