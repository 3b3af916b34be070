// Images of one size brought to another within a network, and what can be made of those of all sizes: a column that the
// head reads, and logits for training.

package import Neural

/// An image twice as large, by the nearest pixel, without what a size that was rounded up has too much.
package func enlarged(
  _ x: Network.Node, from smaller: Shape, to size: Shape, in net: inout Network
) -> Network.Node {
  cropped(net.upsample(x, 2, .nearest), from: smaller.enlarged(2), to: size, in: &net)
}

/// What a head can read: the last of a decoder's results, joined by those before it, each projected to 8 channels and enlarged
/// bilinearly (Hariharan and others, 2015).
/// - Parameters:
///   - results: of the decoder's blocks, each about twice as large as the one before.
///   - regions: what they are of images of these sizes.
///   - name: prefix of the layers.
/// - Returns: of the last one's region.
func hypercolumn(
  _ results: [Network.Node], regions: [DecoderRegion], name: String, in net: inout Network
) -> Network.Node {
  let last = results.count - 1
  var parts = [results[last]]
  for level in 0..<last {
    let few = net.convolution(
      results[level], filters: 8, kernel: 1, bias: true, name: "\(name).\(level)")
    let factor = 1 << (last - level)
    parts.append(
      regions[last].cropped(
        net.upsample(few, factor, .bilinear), from: regions[level].enlarged(factor), in: &net))
  }
  return net.concatenate(parts)
}

/// The upper left part of an image; all of it where that is its size.
func cropped(
  _ x: Network.Node, from larger: Shape, to size: Shape, in net: inout Network
) -> Network.Node {
  guard (larger.height, larger.width) != (size.height, size.width) else { return x }
  return net.crop(x, top: 0, left: 0, height: size.height, width: size.width)
}

extension Shape {
  func enlarged(_ factor: Int) -> Shape {
    Shape(height: factor * height, width: factor * width, channels: channels)
  }
}

/// The logits of the head, and behind them those that are for training alone, so that a trained network goes without: of
/// smaller results, for deep supervision, by a 3 x 3 convolution each, enlarged bilinearly; and the image's own.
/// - Parameters:
///   - pixels: the logits that the last result makes, `outputs` each.
///   - bottom: the encoder's image.
///   - results: of the decoder's blocks, each about twice as large as the one before; the last has the head.
///   - regions: what they are of images of these sizes.
///   - emptyHead: whether pixels are marked only in images that hold anything.
///   - extra: what is there for training.
/// - Returns: of the last one's region.
func headLogits(
  _ pixels: Network.Node, bottom: Network.Node, results: [Network.Node],
  regions: [DecoderRegion], outputs: Int, emptyHead: Bool, extra: ExtraLogits,
  in net: inout Network
) -> Network.Node {
  var (parts, ofImage) = ([pixels], [Network.Node]())
  if emptyHead {
    let gated = gatedByImage(pixels, bottom: bottom, outputs: outputs, name: "empty", in: &net)
    parts = [gated.pixels]
    if extra.contains(.image) { ofImage = [gated.image] }
  }
  let last = results.count - 1
  for level in 0..<max(0, last) where extra.contains(.blocks) {
    let own = net.convolution(
      results[level], filters: outputs, bias: true, name: "supervision.\(level)")
    let factor = 1 << (last - level)
    parts.append(
      regions[last].cropped(
        net.upsample(own, factor, .bilinear), from: regions[level].enlarged(factor), in: &net))
  }
  parts += ofImage
  return parts.count > 1 ? net.concatenate(parts) : parts[0]
}
