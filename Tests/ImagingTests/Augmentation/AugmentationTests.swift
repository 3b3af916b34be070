// The list of transforms: image and truth stay together, and draws depend on the generator and the place in the list.

import Foundation
import Imaging
import Testing

/// A picture in which a disc is bright, and the disc's mask.
func disc(_ width: Int = 40, _ height: Int = 32) -> (Plane, Mask) {
  let pixels = (0..<(width * height)).map { pixel -> UInt8 in
    let (x, y) = (pixel % width - 15, pixel / width - 12)
    return x * x + y * y < 81 ? 1 : 0
  }
  let mask = Mask(width: width, height: height, pixels: pixels)
  return (Plane(mask), mask)
}

extension Augmentation {
  /// All transforms with their usual settings, one list each, that go with a picture of this size.
  static func each(width: Int, height: Int) -> [(name: String, list: Augmentation)] {
    transforms.map { type in
      func list<T: Transform>(_ type: T.Type) -> Augmentation { Augmentation([.init(T())]) }
      return (type.name, list(type))
    }.filter { $0.list.problem(width: width, height: height, labels: false) == nil }
  }
}

@Suite struct AugmentationTests {
  private func geometric() -> Augmentation {
    Augmentation([
      .init(HorizontalFlip(), p: 0.5), .init(VerticalFlip(), p: 0.5),
      .init(RandomSizedCrop(), p: 0.5), .init(ShiftScaleRotate(), p: 0.5),
      .init(Elastic(), p: 0.5), .init(Perspective(), p: 0.5), .init(GridDistortion(), p: 0.5),
    ])
  }

  @Test func nothingByDefault() {
    let (image, mask) = disc()
    var generator = SeededGenerator(seed: 1)
    let (after, afterMask) = Augmentation().apply(image, mask, using: &generator)
    #expect(after == image && afterMask == mask)
  }

  @Test func imageAndMaskMoveTogether() {
    let (image, mask) = disc()
    var moved = 0
    for draw in 0..<60 {
      var generator = SeededGenerator(seed: 2, "\(draw)")
      let (after, afterMask) = geometric().apply(image, mask, using: &generator)
      // The image is the mask here, so its half-way line must be the moved mask's border.
      #expect(after.values.map { $0 >= 0.5 ? 1 : 0 } == afterMask.pixels)
      if afterMask != mask { moved += 1 }
      #expect(afterMask.area > 80)
    }
    #expect(moved > 45)
  }

  /// One channel, three and seven; the truth moves with geometry and with nothing else.
  @Test(arguments: [1, 3, 7])
  func everyTransformTakesAnyNumberOfChannels(channels: Int) {
    let (plane, _) = disc(32, 32)
    let image = Plane(
      width: 32, height: 32, channels: channels,
      values: plane.values.flatMap { value in
        (0..<channels).map { 0.2 + 0.5 * value + 0.01 * Float($0) }
      })
    let exact = Set(["hflip", "vflip", "transpose", "rotate90"])
    let moving = exact.union([
      "rotate", "shift_scale_rotate", "random_sized_crop", "non_empty_crop", "perspective",
      "elastic", "grid_distortion", "optical_distortion",
    ])
    for (name, list) in Augmentation.each(width: 32, height: 32) {
      var (changed, movedTruth) = (false, false)
      for draw in 0..<4 {
        var generator = SeededGenerator(seed: 8, "\(draw)")
        let change = list.draw(width: 32, height: 32, using: &generator)
        let after = change.apply(toImage: image)
        #expect(after.channels == channels && after.width == 32 && after.height == 32, "\(name)")
        #expect(after.values.allSatisfy { (0...1).contains($0) }, "\(name)")
        changed = changed || after != image
        movedTruth = movedTruth || change.apply(to: plane) != plane
        #expect(change.isExact == (exact.contains(name) || !moving.contains(name)), "\(name)")
        // Each channel is this one with 0.01 added for each before it, and geometry keeps that.
        guard moving.contains(name) else { continue }
        for at in stride(from: 0, to: after.values.count, by: channels) {
          let step = after.values[at + channels - 1] - after.values[at]
          #expect(abs(step - 0.01 * Float(channels - 1)) < 1e-5, "\(name)")
        }
      }
      #expect(movedTruth == moving.contains(name), "\(name)")
      #expect(changed != ["mixup", "cutmix"].contains(name), "\(name)")
    }
  }

  @Test func theSameDrawForTheSameGenerator() {
    let (image, mask) = disc(32, 32)
    for (name, list) in Augmentation.each(width: 32, height: 32) {
      for draw in 0..<5 {
        var one = SeededGenerator(seed: 3, "\(draw)")
        var two = one
        let (first, firstMask) = list.apply(image, mask, using: &one)
        let (second, secondMask) = list.apply(image, mask, using: &two)
        #expect(first == second && firstMask == secondMask, "\(name)")
        #expect(one.next() == two.next(), "\(name)")
      }
    }
  }

  @Test func oneProbabilityDoesNotShiftTheOthersLuck() {
    let (image, _) = disc()
    func change(_ p: Double, _ draw: Int) -> Change {
      var generator = SeededGenerator(seed: 4, "\(draw)")
      let list = Augmentation([
        .init(HorizontalFlip(), p: p), .init(RandomSizedCrop(), p: 0.5), .init(Gamma()),
        .init(GaussianNoise(), p: 0.5),
      ])
      return list.draw(width: 40, height: 32, using: &generator)
    }
    var noisy = 0
    for draw in 0..<20 {
      // Light and noise are those of the list without the flip; so is the crop's share of a blank picture.
      let blank = Plane(width: 40, height: 32, values: [Float](repeating: 0.5, count: 1280))
      let (never, always) = (change(0, draw), change(1, draw))
      #expect(never.apply(toImage: blank) == always.apply(toImage: blank))
      #expect(never.isExact == always.isExact)
      if Set(never.apply(toImage: blank).values).count > 1 { noisy += 1 }
      if never.isExact {
        #expect(always.apply(to: image) == Dihedral.horizontalFlip.apply(never.apply(to: image)))
      }
    }
    #expect((3...17).contains(noisy))
  }

  /// Entries of one kind have different luck.
  @Test func entriesHaveStreamsOfTheirOwn() {
    var alike = 0
    for draw in 0..<200 {
      var generator = SeededGenerator(seed: 5, "\(draw)")
      let list = Augmentation([.init(HorizontalFlip(), p: 0.5), .init(HorizontalFlip(), p: 0.5)])
      let ramp = Plane(width: 2, height: 1, values: [0, 1])
      let change = list.draw(width: 2, height: 1, using: &generator)
      if change.apply(to: ramp) == ramp { alike += 1 }
    }
    // Both or none: half of the draws.
    #expect((70...130).contains(alike))
  }

  // MARK: One sampling

  @Test func flipsAndTurnsAloneAreExact() {
    let (image, mask) = disc(32, 32)
    let list = Augmentation([
      .init(HorizontalFlip()), .init(Transposition()), .init(VerticalFlip()),
    ])
    var generator = SeededGenerator(seed: 4)
    let (after, afterMask) = list.apply(image, mask, using: &generator)
    let turn = Dihedral.horizontalFlip.then(.transpose).then(.verticalFlip)
    #expect(after == turn.apply(image) && afterMask == turn.apply(mask))
  }

  @Test(arguments: Dihedral.allCases)
  func aTurnWithinAChainIsTheTurn(turn: Dihedral) {
    let (image, _) = disc(32, 32)
    // A crop of the whole picture changes nothing, so what is left is the turn, by sampling.
    for whole in [PlaneMap.affine(.identity), .backward(LensMap(strength: 0))] {
      for draws in [
        [Draw.turn(turn), .move(whole, border: nil)], [.move(whole, border: nil), .turn(turn)],
      ] {
        var plan = ChangePlan(width: 32, height: 32)
        for draw in draws { plan.add(draw) }
        let after = Change(plan).apply(to: image)
        #expect(zip(after.values, turn.apply(image).values).allSatisfy { abs($0 - $1) < 1e-4 })
      }
    }
  }

  /// There and back again is the picture itself, unless something stands between or borders differ.
  @Test func consecutiveGeometryIsOneSampling() {
    let (image, _) = disc()
    func turn(_ degrees: Double, _ border: Padding.Mode = .reflect) -> Augmentation.Entry {
      var rotation = Rotation()
      rotation.limit = degrees...degrees
      rotation.border = border
      return .init(rotation)
    }
    func difference(_ entries: [Augmentation.Entry]) -> Float {
      var generator = SeededGenerator(seed: 6)
      let after = Augmentation(entries).draw(width: 40, height: 32, using: &generator)
        .apply(to: image)
      return zip(after.values, image.values).map { abs($0 - $1) }.max() ?? 1
    }
    #expect(difference([turn(20), turn(-20)]) < 1e-4)
    #expect(
      difference([turn(20), .init(HorizontalFlip()), .init(HorizontalFlip()), turn(-20)]) < 1e-4)
    #expect(difference([turn(20), .init(BoxBlur()), turn(-20)]) > 0.1)
    #expect(difference([turn(20, .zero), turn(-20, .edge)]) > 0.1)
  }

  /// Bent, then moved: places of the first map are no pixels' centres of the frame any more.
  @Test func fieldsFollowTheMapsBehindThem() {
    var generator = SeededGenerator(seed: 9)
    let field = PlaneMap.backward(ElasticField(cells: 3, deviation: 2, using: &generator))
    let (image, _) = disc()
    func apply(_ draws: [Draw]) -> Plane {
      var plan = ChangePlan(width: 40, height: 32)
      for draw in draws { plan.add(draw) }
      return Change(plan).apply(to: image)
    }
    let bent = apply([.move(field, border: .edge)])
    let shifted = apply([
      .move(field, border: .edge), .move(.affine(.translation(x: 5, y: 3)), border: .edge),
    ])
    for y in 6..<30 {
      for x in 8..<38 {
        #expect(abs(shifted.values[y * 40 + x] - bent.values[(y - 3) * 40 + x - 5]) < 1e-4)
      }
    }
  }

  @Test func turnsThatExchangeSidesNeedASquare() throws {
    let list = Augmentation([
      .init(HorizontalFlip()), .init(QuarterTurns(), p: 0), .init(Transposition(), p: 0.5),
    ])
    let found = try #require(list.problem(width: 40, height: 32, labels: false))
    #expect(found.entry == "[2].transpose" && found.problem.contains("40 x 32"))
    #expect(list.problem(width: 32, height: 32, labels: true) == nil)
    let mixup = Augmentation([.init(Mixup())])
    #expect(mixup.problem(width: 8, height: 8, labels: true)?.entry == "[0].mixup")
    #expect(mixup.problem(width: 8, height: 8, labels: false) == nil)
  }
}
