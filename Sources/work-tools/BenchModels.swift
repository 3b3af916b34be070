// The networks that `work bench` times.

import Neural
import Segmentation

/// A network by name.
enum BenchModel: String, Codable {
  /// Ronneberger, Fischer and Brox, 2015: 5 levels on one channel.
  case unet
  /// The encoder of ResNet-34 (He et al., 2016) on three channels, and a decoder of 256, 128, 64, 32 and
  /// 16 filters, each level upsampled by repetition and joined with the encoder's.
  case residual = "resnet34-unet"

  /// Channels of an image.
  var channels: Int { self == .unet ? 1 : 3 }

  /// The network for images of `size` x `size` pixels.
  /// - Parameter filters: of the U-Net's first level, and of the other's last.
  func network(filters: Int, size: Int) throws -> Network {
    switch self {
    case .unet:
      try UNet(
        UNetSettings(filters: filters),
        image: Shape(height: size, width: size, channels: channels)
      ).network()
    case .residual: Self.residualUNet(filters: filters)
    }
  }

  private static func residualUNet(filters: Int) -> Network {
    var net = Network()
    let image = net.image(channels: 3)
    let stem = normalized(
      net.convolution(image, filters: 64, kernel: 7, stride: 2, name: "stem.conv"), "stem.norm",
      in: &net)
    var skips = [stem]
    var x = net.maxPool(stem, 2)
    for (level, (width, blocks)) in [(64, 3), (128, 4), (256, 6), (512, 3)].enumerated() {
      for block in 0..<blocks {
        x = residualBlock(
          x, filters: width, stride: level > 0 && block == 0 ? 2 : 1,
          name: "level\(level).block\(block)", in: &net)
      }
      skips.append(x)
    }
    skips.removeLast()
    for level in 0..<5 {
      x = net.upsample(x, 2, .nearest)
      if let skip = skips.popLast() { x = net.concatenate([x, skip]) }
      for part in 0..<2 {
        x = normalized(
          net.convolution(x, filters: filters << (4 - level), name: "up\(level).conv\(part)"),
          "up\(level).norm\(part)", in: &net)
      }
    }
    net.output(net.convolution(x, filters: 1, bias: true, name: "head"))
    return net
  }

  /// Two 3 x 3 convolutions and the way around them, which is a 1 x 1 convolution where sizes change.
  private static func residualBlock(
    _ x: Network.Node, filters: Int, stride: Int, name: String, in net: inout Network
  ) -> Network.Node {
    let first = normalized(
      net.convolution(x, filters: filters, stride: stride, name: "\(name).conv0"),
      "\(name).norm0", in: &net)
    let second = net.batchNorm(
      net.convolution(first, filters: filters, name: "\(name).conv1"), name: "\(name).norm1")
    let around =
      stride == 1
      ? x
      : net.batchNorm(
        net.convolution(x, filters: filters, kernel: 1, stride: stride, name: "\(name).around"),
        name: "\(name).around.norm")
    return net.relu(net.add(second, around))
  }

  private static func normalized(_ x: Network.Node, _ name: String, in net: inout Network)
    -> Network.Node
  {
    net.relu(net.batchNorm(x, name: name))
  }
}
