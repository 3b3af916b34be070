// One draw of an augmentation: the same change for an image and whatever belongs to it.

/// Draws in order, before it is clear what of them can be done together.
package struct ChangePlan: Sendable {
  enum Step: Sendable {
    case move(Movement)
    case values(any ValueChange)
  }

  let width: Int
  let height: Int
  private(set) var steps: [Step] = []
  private(set) var mixes: [Mix] = []

  /// No change, of a picture of a size in pixels.
  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Adds a draw: geometry to that right before it, where both can be one sampling.
  package mutating func add(_ draw: Draw) {
    var movement = Movement()
    switch draw {
    case .values(let change): return steps.append(.values(change))
    case .mix(let mix): return mixes.append(mix)
    case .turn(let turn):
      movement = lastMovement() ?? Movement()
      movement.add(turn, width: width, height: height)
    case .move(let map, let border):
      if let last = lastMovement() {
        if last.takes(border) {
          movement = last
        } else {
          steps.append(.move(last))
        }
      }
      movement.add(map, border: border)
    }
    steps.append(.move(movement))
  }

  /// Takes the last step out, if it is geometry.
  private mutating func lastMovement() -> Movement? {
    guard case .move(let movement)? = steps.last else { return nil }
    steps.removeLast()
    return movement
  }
}

/// One draw of an augmentation, ready to be applied.
public struct Change: Sendable {
  private enum Step: Sendable {
    case turn(Dihedral)
    case warp(Warp)
    case values(any ValueChange)
  }

  private let width: Int
  private let height: Int
  private let steps: [Step]
  /// What other images of the batch do to this one, afterwards.
  package let mixes: [Mix]

  /// The draws of a plan, geometry in as few samplings as can be.
  package init(_ plan: ChangePlan) {
    (width, height, mixes) = (plan.width, plan.height, plan.mixes)
    steps = plan.steps.map { step in
      switch step {
      case .values(let change): .values(change)
      case .move(let movement):
        if let warp = movement.warp(width: plan.width, height: plan.height) {
          .warp(warp)
        } else {
          .turn(movement.turn)
        }
      }
    }
  }

  /// The image: moved, and its values changed.
  public func apply(toImage image: Plane) -> Plane {
    steps.reduce(image) { image, step in
      if case .values(let change) = step { change.apply(to: image) } else { Self.move(image, step) }
    }
  }

  /// A plane that belongs to the image: moved only.
  public func apply(to plane: Plane) -> Plane {
    steps.reduce(plane) { Self.move($0, $1) }
  }

  /// The image's mask: moved, marked where at least half of the sample is.
  public func apply(to mask: Mask) -> Mask {
    let moved = apply(to: Plane(mask))
    return Mask(
      width: moved.width, height: moved.height, pixels: moved.values.map { $0 >= 0.5 ? 1 : 0 })
  }

  /// Whether pixels are only exchanged, so that no value is a mixture of others.
  public var isExact: Bool {
    !steps.contains { if case .warp = $0 { true } else { false } }
  }

  /// Numbers that mean something each, such as classes, of a picture of this size: moved.
  /// - Parameter blank: what lies beyond a border of zeros.
  public func apply(labels: [UInt8], blank: UInt8) -> [UInt8] {
    steps.reduce(labels) { labels, step in
      switch step {
      case .values: labels
      case .turn(.identity): labels
      case .turn(let turn):
        turn.apply(Plane(width: width, height: height, values: labels.map(Float.init)))
          .values.map { UInt8($0) }
      case .warp(let warp):
        warp.apply(labels: labels, width: width, height: height, blank: blank)
      }
    }
  }

  private static func move(_ plane: Plane, _ step: Step) -> Plane {
    switch step {
    case .values: plane
    case .turn(let turn): turn == .identity ? plane : turn.apply(plane)
    case .warp(let warp): warp.apply(plane)
    }
  }
}
