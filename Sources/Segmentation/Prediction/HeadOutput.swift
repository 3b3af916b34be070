// From logits to probabilities, to bytes that are kept, and to what is predicted.

import Datasets
import Foundation
package import Imaging

extension TargetHead {
  /// Probabilities of logits [pixels, outputs], added to sums.
  package func add(_ logits: [Float], to sums: inout [Float]) {
    switch self {
    case .sigmoid:
      for index in sums.indices { sums[index] += logistic(logits[index]) }
    case .softmax(let classes, _):
      var powers = [Float](repeating: 0, count: classes)
      logits.withUnsafeBufferPointer { logits in
        sums.withUnsafeMutableBufferPointer { sums in
          for start in stride(from: 0, to: logits.count, by: classes) {
            var most = logits[start]
            for channel in 1..<classes { most = max(most, logits[start + channel]) }
            var total: Float = 0
            for channel in 0..<classes {
              powers[channel] = exp(logits[start + channel] - most)
              total += powers[channel]
            }
            let share = 1 / total
            for channel in 0..<classes { sums[start + channel] += powers[channel] * share }
          }
        }
      }
    }
  }

  /// Bytes a pixel of what is kept of an image: see `ProbabilityMaps`.
  package var mapChannels: Int {
    switch self {
    case .sigmoid(let channels, _, _): channels
    case .softmax: 2
    }
  }

  /// What is kept of an image's probabilities: all of sigmoids; of exclusive classes the likeliest, the
  /// first among equals, and its probability.
  package func kept(_ map: Plane) -> [UInt8] {
    guard case .softmax(let classes, _) = self else {
      return map.values.map(ProbabilityMaps.quantized)
    }
    var bytes = [UInt8](repeating: 0, count: 2 * map.width * map.height)
    map.values.withUnsafeBufferPointer { values in
      for pixel in 0..<(map.width * map.height) {
        var best = 0
        for channel in 1..<classes
        where values[pixel * classes + channel] > values[pixel * classes + best] {
          best = channel
        }
        bytes[2 * pixel] = UInt8(best)
        bytes[2 * pixel + 1] = ProbabilityMaps.quantized(values[pixel * classes + best])
      }
    }
    return bytes
  }
}

/// `sigmoid` by a name that no case of `TargetHead` has.
private func logistic(_ logit: Float) -> Float { sigmoid(logit) }
