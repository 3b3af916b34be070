// A part of the picture becomes the whole of it.

import Foundation

/// A random part, enlarged to the picture's size.
package struct RandomSizedCrop: Transform {
  package static let name = "random_sized_crop"
  /// The part's share of the area.
  package var scale = 0.7...1.0
  /// Its width over its height, against the picture's own.
  package var ratio = 1.0...1.0
  package static var fields: [Field<RandomSizedCrop>] {
    [.span("scale", \.scale, in: 0.01...1), .span("ratio", \.ratio, in: 0.1...10)]
  }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    let size = CropSize(scale: scale, ratio: ratio, of: scene, using: &generator)
    return size.draw(
      left: generator.uniform() * (Double(scene.width) - size.width),
      top: generator.uniform() * (Double(scene.height) - size.height))
  }
}

/// A random part that holds a marked pixel, where there are any, enlarged to the picture's size.
package struct NonEmptyCrop: Transform {
  package static let name = "non_empty_crop"
  /// The part's share of the area.
  package var scale = 0.5...1.0
  /// Its width over its height, against the picture's own.
  package var ratio = 1.0...1.0
  package static var fields: [Field<NonEmptyCrop>] {
    [.span("scale", \.scale, in: 0.01...1), .span("ratio", \.ratio, in: 0.1...10)]
  }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    let size = CropSize(scale: scale, ratio: ratio, of: scene, using: &generator)
    let (x, y) = (generator.uniform(), generator.uniform())
    let chosen = generator.uniform()
    let marks = scene.marks()
    // Of one axis: every start from which the part holds the pixel is as likely.
    func start(_ share: Double, _ pixel: Int?, _ part: Double, of side: Int) -> Double {
      let most = Double(side) - part
      guard let pixel else { return share * most }
      let first = min(max(0, Double(pixel + 1) - part), most)
      return first + share * max(0, min(Double(pixel), most) - first)
    }
    let mark = marks.isEmpty ? nil : marks[Int(chosen * Double(marks.count))]
    return size.draw(
      left: start(x, mark.map { $0 % scene.width }, size.width, of: scene.width),
      top: start(y, mark.map { $0 / scene.width }, size.height, of: scene.height))
  }
}

/// A drawn size of a crop.
private struct CropSize {
  let width: Double
  let height: Double
  private let scene: Scene

  /// A side that would be longer than the picture's is as long.
  init(
    scale: ClosedRange<Double>, ratio: ClosedRange<Double>, of scene: Scene,
    using generator: inout SeededGenerator
  ) {
    let area = generator.uniform(in: scale)
    // As likely wide as high.
    let stretch = ratio.lowerBound * pow(ratio.upperBound / ratio.lowerBound, generator.uniform())
    width = Double(scene.width) * min(1, (area * stretch).squareRoot())
    height = Double(scene.height) * min(1, (area / stretch).squareRoot())
    self.scene = scene
  }

  /// The crop as a map onto the whole frame.
  func draw(left: Double, top: Double) -> Draw {
    .move(
      .affine(
        Affine.translation(x: -left, y: -top)
          .then(.scale(x: Double(scene.width) / width, y: Double(scene.height) / height))),
      border: nil)
  }
}
