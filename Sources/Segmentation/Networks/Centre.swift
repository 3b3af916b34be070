// What lies between an encoder and a decoder: the section's keys `model.centre` and `model.coordinates`.

import Choices
import Neural

extension Centre: NamedChoice {}

extension Centre {
  /// Adds the layers. Each image of a few pixels becomes one that knows more of the whole.
  ///
  /// - `dilated`: as in D-LinkNet (Zhou, Zhang and Wu, 2018), 3 x 3 convolutions of dilations 1, 2, 4 and 8 behind each other,
  ///   all of whose results are added up; those whose taps would lie beyond the image are left out. Each has a batch norm, unlike
  ///   the original's.
  /// - `pyramid`: as in PSPNet (Zhao and others, 2017), means over windows, each projected to a quarter of the
  ///   filters, join the image: over 2 x 2 and 4 x 4 pixels where the sides allow it, and over all of it.
  /// - Parameters:
  ///   - x: the image; any number of channels.
  ///   - filters: of the result.
  ///   - size: of the image.
  ///   - name: prefix of the layers.
  func layers(
    _ x: Network.Node, filters: Int, size: Shape, name: String, in net: inout Network
  ) -> Network.Node {
    func convolution(
      _ x: Network.Node, _ filters: Int, kernel: Int, dilation: Int = 1, _ part: String
    ) -> Network.Node {
      let y = net.convolution(
        x, filters: filters, kernel: kernel, dilation: dilation, name: "\(name).\(part).conv")
      return net.relu(net.batchNorm(y, name: "\(name).\(part).norm"))
    }
    switch self {
    case .none: return x
    case .dilated:
      let first = convolution(x, filters, kernel: 1, "first")
      var (sum, last) = (first, first)
      for dilation in [1, 2, 4, 8] where dilation == 1 || dilation < min(size.height, size.width) {
        last = convolution(last, filters, kernel: 3, dilation: dilation, "dilated\(dilation)")
        sum = net.add(sum, last)
      }
      return sum
    case .pyramid:
      let few = max(1, filters / 4)
      var parts = [x]
      for side in [2, 4] where side < max(size.height, size.width) {
        guard size.height % side == 0, size.width % side == 0 else { continue }
        let part = convolution(net.averagePool(x, side), few, kernel: 1, "windows\(side)")
        parts.append(net.upsample(part, side, .bilinear))
      }
      let mean = convolution(net.globalAveragePool(x), few, kernel: 1, "whole")
      parts.append(net.broadcast(mean, like: x))
      return convolution(net.concatenate(parts), filters, kernel: 1, "last")
    }
  }
}

/// An image with the values that come with it, and with where each pixel lies, at each of its pixels.
/// - Parameters:
///   - features: values that come with each image; 0 for none.
///   - coordinates: whether the row and the column join it (Liu and others, 2018), each from -1 to 1.
func joined(
  _ x: Network.Node, features: Int, coordinates: Bool, in net: inout Network
) -> Network.Node {
  var parts = [x]
  if features > 0 { parts.append(net.broadcast(net.features(features), like: x)) }
  if coordinates { parts.append(net.coordinates(like: x)) }
  return parts.count > 1 ? net.concatenate(parts) : x
}
