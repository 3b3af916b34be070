// A U-Net whose contracting path is a ResNet-18 or ResNet-34 (He et al., 2016), as segmentation_models_pytorch has
// it: a value, and the network that follows from it, with PyTorch's names for its tensors.

public import Neural

/// A U-Net with the encoder of a ResNet for images of one size: a 7 x 7 convolution and a 3 x 3 max
/// pooling of stride 2, four stages of residual blocks, and five decoder blocks that each enlarge
/// twice, join the encoder's image of that size and convolve twice; a 3 x 3 head.
///
/// Layers have the names of `Unet("resnet34", in_channels: …)`, or of `"resnet18"`, in segmentation_models_pytorch, so that
/// its state dict fits. Images keep their number of channels: for weights that were trained on three,
/// one grey channel wants their sum over the inputs of `encoder.conv1.weight`.
///
/// Images are padded by reflection to multiples of 32, or to a side of a multiple of
/// 8 that is chosen, inside the network and the logits cropped back,
/// so that it maps [n, height, width, channels] to [n, height, width, outputs].
public struct ResNetUNet: Sendable, Equatable, Codable {
  /// Values joined at the bottom, for example 1 for a depth; 0 for none, as in the original.
  public let features: Int
  /// Filters of the encoder's first stage; each further stage has twice as many.
  let width: Int
  /// Residual blocks of each stage.
  let blocks: [Int]
  let decoder: UNetDecoder
  private let padding: ReflectPadding

  /// The encoder's size: the residual blocks of its stages.
  public enum Depth: Sendable {
    /// Two of each.
    case resNet18
    /// Three, four, six and three.
    case resNet34

    fileprivate var blocks: [Int] { self == .resNet18 ? [2, 2, 2, 2] : [3, 4, 6, 3] }
  }

  /// The U-Net of an encoder as it is published.
  /// - Parameters:
  ///   - depth: of the encoder.
  ///   - image: rows, columns and channels of the images.
  ///   - outputs: logits a pixel, 1 or more.
  ///   - decoder: what can be chosen about it; the original has neither dropout nor attention.
  ///   - padTo: side of the square that images are padded to; nil: the next multiple of 32.
  /// - Throws: `SettingError` when the sizes do not go together.
  public init(
    _ depth: Depth = .resNet34, image: Shape, features: Int = 0, outputs: Int = 1,
    decoder settings: DecoderSettings = DecoderSettings(), padTo: Int? = nil
  ) throws {
    try self.init(
      image: image, features: features, outputs: outputs, decoder: settings, padTo: padTo,
      width: 64, blocks: depth.blocks, filters: [256, 128, 64, 32, 16])
  }

  /// One of another size, for tests.
  package init(
    image: Shape, features: Int = 0, outputs: Int = 1,
    decoder settings: DecoderSettings = DecoderSettings(), padTo: Int? = nil,
    width: Int, blocks: [Int], filters: [Int]
  ) throws {
    self.features = features
    self.width = width
    self.blocks = blocks
    self.decoder = try UNetDecoder(
      filters: filters, settings, outputs: outputs)
    padding = try UNetDecoder.padding(image, to: padTo)
  }

  /// The size that images are padded to.
  public var padded: Shape { padding.padded }

  /// The network, from top to bottom.
  public func network() -> Network {
    var net = Network()
    var x = padding.image(in: &net)
    x = net.convolution(x, filters: width, kernel: 7, stride: 2, name: "encoder.conv1")
    x = net.relu(net.batchNorm(x, name: "encoder.bn1"))
    var skips = [EncoderImage(node: x, channels: width)]
    x = net.maxPool(x, 3, stride: 2, padding: 1)
    for (stage, count) in blocks.enumerated() {
      for block in 0..<count {
        x = residual(
          x, filters: width << stage, isFirst: stage > 0 && block == 0,
          name: "encoder.layer\(stage + 1).\(block)", in: &net)
      }
      skips.append(EncoderImage(node: x, channels: width << stage))
    }
    skips.removeLast()
    net.output(
      decoder.layers(
        x, skips: skips, features: features, padding: padding, in: &net))
    return net
  }

  /// A basic block: two 3 x 3 convolutions, and what they read added to what they make. The first
  /// block of a stage halves the image, and projects what it reads by a 1 x 1 convolution.
  private func residual(
    _ x: Network.Node, filters: Int, isFirst: Bool, name: String, in net: inout Network
  ) -> Network.Node {
    let stride = isFirst ? 2 : 1
    var y = net.convolution(x, filters: filters, stride: stride, name: "\(name).conv1")
    y = net.relu(net.batchNorm(y, name: "\(name).bn1"))
    y = net.convolution(y, filters: filters, name: "\(name).conv2")
    y = net.batchNorm(y, name: "\(name).bn2")
    var shortcut = x
    if isFirst {
      shortcut = net.convolution(
        x, filters: filters, kernel: 1, stride: stride, name: "\(name).downsample.0")
      shortcut = net.batchNorm(shortcut, name: "\(name).downsample.1")
    }
    return net.relu(net.add(y, shortcut))
  }
}
