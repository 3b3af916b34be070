// What a decoder's blocks weigh: the section's key `model.attention`.

public import Choices
package import Neural

extension Attention: NamedChoice {}

/// Concurrent spatial and channel squeeze and excitation (Roy, Navab and Wachinger, 2018): each channel is
/// weighted by what all of them are on average, and each pixel by what its channels are; both results are added.
/// Layers have the names of segmentation_models_pytorch's `SCSEModule`.
/// - Parameters:
///   - channels: of `x`.
///   - name: prefix of the layers.
package func scSE(_ x: Network.Node, channels: Int, name: String, in net: inout Network)
  -> Network.Node
{
  var ofChannels = net.globalAveragePool(x)
  ofChannels = net.convolution(
    ofChannels, filters: max(1, channels / 16), kernel: 1, bias: true, name: "\(name).cSE.1")
  ofChannels = net.convolution(
    net.relu(ofChannels), filters: channels, kernel: 1, bias: true, name: "\(name).cSE.3")
  let ofPixels = net.convolution(x, filters: 1, kernel: 1, bias: true, name: "\(name).sSE.0")
  return net.add(
    net.multiply(x, net.sigmoid(ofChannels)), net.multiply(x, net.sigmoid(ofPixels)))
}

/// An attention gate (Oktay and others, 2018): what an encoder's image holds at a pixel is multiplied by a factor in
/// 0...1 that follows from the pixel and from the decoder's image there, by two 1 x 1 convolutions, a ReLU, another one
/// and a sigmoid. The decoder's image is projected before it is enlarged to the nearest pixels, which comes to the same and
/// costs a quarter; the paper has the encoder's halved instead.
/// - Parameters:
///   - skip: the encoder's image, [2 h, 2 w, channels], or a row and a column less.
///   - below: the decoder's image, [h, w, any channels].
///   - channels: of `skip`; half as many lie between.
///   - size: of `skip`.
///   - name: prefix of the layers.
package func gated(
  _ skip: Network.Node, by below: Network.Node, channels: Int, size: Shape, smaller: Shape,
  name: String,
  in net: inout Network
) -> Network.Node {
  let between = max(1, channels / 2)
  let asked = net.convolution(below, filters: between, kernel: 1, bias: true, name: "\(name).below")
  let held = net.convolution(skip, filters: between, kernel: 1, bias: false, name: "\(name).skip")
  let both = net.relu(net.add(held, enlarged(asked, from: smaller, to: size, in: &net)))
  let factor = net.convolution(both, filters: 1, kernel: 1, bias: true, name: "\(name).factor")
  return net.multiply(skip, net.sigmoid(factor))
}
