// Two logits as one: of two things that are so independently of each other, that both are. Forward and backward.

import Foundation

extension PlanBuilder {
  func conjoin(_ index: Int) {
    let inputs = network.steps[index].inputs
    let (a, b, y) = (stored(inputs[0]), stored(inputs[1]), result(index))
    let c = y.shape.channels
    combine(a, b, y) { count, a, b, y in
      for pixel in 0..<count {
        for channel in 0..<c {
          y.pointer[pixel * y.pitch + channel] =
            Conjunction(a.pointer[pixel * a.pitch + channel], b.pointer[pixel * b.pitch + channel])
            .logit
        }
      }
    }
  }

  func conjoinBackward(_ index: Int, _ dy: View) {
    let inputs = network.steps[index].inputs
    for (own, other) in [(inputs[0], inputs[1]), (inputs[1], inputs[0])]
    where analysis.isTrained[own] {
      let (dx, accumulate) = gradient(into: own)
      slopes(of: stored(own), beside: stored(other), dy, dx, accumulate: accumulate)
    }
  }

  /// The gradient of one of the two.
  private func slopes(of x: View, beside other: View, _ dy: View, _ dx: View, accumulate: Bool) {
    let (c, width) = (dy.shape.channels, dy.shape.width)
    let (own, second, gradient) = (source(x), source(other), source(dy))
    let sink = sink(dx, accumulate: accumulate)
    needScratch(4 * width * c)
    slice([x, other, dy, dx]) { at in
      var (one, two, slopes, to) = (own(at), second(at), gradient(at), sink(at))
      for first in stride(from: 0, to: dy.shape.pixels, by: width) {
        let rows = to.begin(first, scratch: at.scratch + 3 * width * c)
        let a = one.pixels(first, width, scratch: at.scratch)
        let b = two.pixels(first, width, scratch: at.scratch + width * c)
        let dy = slopes.pixels(first, width, scratch: at.scratch + 2 * width * c)
        for pixel in 0..<width {
          for channel in 0..<c {
            let slope =
              Conjunction(
                a.pointer[pixel * a.pitch + channel], b.pointer[pixel * b.pitch + channel]
              ).slope * dy.pointer[pixel * dy.pitch + channel]
            let place = pixel * rows.pitch + channel
            rows.pointer[place] = slope + (rows.accumulate ? rows.pointer[place] : 0)
          }
        }
        to.end(rows, first, width)
      }
    }
  }
}

/// p = sigmoid(a) sigmoid(b): its odds against are e^-a + e^-b + e^-(a + b), whose terms are scaled by the largest.
private struct Conjunction {
  private let largest, ofA, ofB, ofBoth: Float

  init(_ a: Float, _ b: Float) {
    largest = max(-a, -b, -a - b)
    ofA = exp(-a - largest)
    ofB = exp(-b - largest)
    ofBoth = exp(-a - b - largest)
  }

  /// log(p / (1 - p)).
  var logit: Float { -largest - log(ofA + ofB + ofBoth) }

  /// Its derivative with respect to a.
  var slope: Float { (ofA + ofBoth) / (ofA + ofB + ofBoth) }
}
