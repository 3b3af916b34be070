// What a decoder's blocks weigh their results by: the section's key `model.attention`.

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
