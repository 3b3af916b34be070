// A network's word on whether an image holds anything at all: the section's key `model.empty_head`.

package import Neural

/// Logits of pixels, given that the image holds a mark, become logits of pixels: a pixel is marked if the image holds a mark
/// and the pixel is marked in an image that does. So an image that is surely empty has no pixel that isn't, whatever
/// its texture, and what a pixel is like is learnt from images that hold something.
///
/// The image's own logit comes from the mean over the encoder's image by a 1 x 1 convolution with ReLU and another one; of each
/// class, where there are several.
/// - Parameters:
///   - logits: of pixels, `outputs` each.
///   - bottom: the encoder's image.
///   - name: prefix of the layers.
/// - Returns: the pixels' logits, and the image's own at each of its pixels.
package func gatedByImage(
  _ logits: Network.Node, bottom: Network.Node, outputs: Int, name: String, in net: inout Network
) -> (pixels: Network.Node, image: Network.Node) {
  let mean = net.globalAveragePool(bottom)
  let between = net.relu(
    net.convolution(mean, filters: 64, kernel: 1, bias: true, name: "\(name).0"))
  let own = net.convolution(between, filters: outputs, kernel: 1, bias: true, name: "\(name).1")
  let all = net.broadcast(own, like: logits)
  return (net.both(logits, all), all)
}
