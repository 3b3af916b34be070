// Two images of a batch become one, each after its own changes.

import Foundation

/// A transform that needs another image of the batch. It stands at the end of the list.
package protocol MixingTransform: Transform {}

/// The image and a fainter one over it (Zhang and others, 2018); so is the truth.
package struct Mixup: MixingTransform {
  package static let name = "mixup"
  /// Of the Beta distribution of the share; the larger, the more often both count alike.
  package var alpha = 0.4
  package static var fields: [Field<Mixup>] { [.number("alpha", \.alpha, in: 0.1...2)] }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    let share = generator.beta(alpha)
    return .mix(.blend(own: Float(max(share, 1 - share))))
  }
  package func problem(width: Int, height: Int, labels: Bool) -> String? {
    labels
      ? "makes shares of two truths, which classes that exclude each other don't have; cutmix takes each pixel from "
        + "one of them"
      : nil
  }
}

/// A rectangle of another image, with its truth (Yun and others, 2019).
package struct CutMix: MixingTransform {
  package static let name = "cutmix"
  /// Of the Beta distribution of the share that stays; 1: every share is as likely.
  package var alpha = 1.0
  package static var fields: [Field<CutMix>] { [.number("alpha", \.alpha, in: 0.1...2)] }
  package init() {}
  package func draw(_ scene: Scene, using generator: inout SeededGenerator) -> Draw {
    let side = (1 - generator.beta(alpha)).squareRoot()
    // Around a middle that may lie anywhere, and cut off at the border.
    func cut(_ count: Int) -> Range<Int> {
      let half = side * Double(count) / 2
      let middle = generator.uniform() * Double(count)
      let first = max(0, Int((middle - half).rounded()))
      return first..<max(first, min(count, Int((middle + half).rounded())))
    }
    let (columns, rows) = (cut(scene.width), cut(scene.height))
    return .mix(
      .paste(
        Rectangle(
          left: columns.lowerBound, top: rows.lowerBound, width: columns.count, height: rows.count))
    )
  }
}

/// What of another image comes into one, with all that was drawn for it.
package enum Mix: Sendable, Equatable {
  /// Both, weighted: the share of the own, 0…1.
  case blend(own: Float)
  /// The other's pixels in a rectangle.
  case paste(Rectangle)

  /// Mixes values of a picture, [height, width, channels], in place.
  /// - Parameter other: as many of the other's.
  package func apply(
    to own: UnsafeMutableBufferPointer<Float>, _ other: UnsafeBufferPointer<Float>, width: Int,
    channels: Int
  ) {
    precondition(own.count == other.count, "both pictures have the same shape")
    switch self {
    case .blend(let share):
      for at in own.indices { own[at] = own[at] * share + other[at] * (1 - share) }
    case .paste(let part):
      for y in part.top..<(part.top + part.height) {
        let first = (y * width + part.left) * channels
        for at in first..<(first + part.width * channels) { own[at] = other[at] }
      }
    }
  }
}

extension SeededGenerator {
  /// A number of the symmetric Beta distribution, by Jöhnk's method (1964), which is quick for parameters of few.
  mutating func beta(_ alpha: Double) -> Double {
    while true {
      let (first, second) = (pow(uniform(), 1 / alpha), pow(uniform(), 1 / alpha))
      let sum = first + second
      if sum > 0, sum <= 1 { return first / sum }
    }
  }
}
