// A U-Net whose contracting path is an EfficientNet-Lite: few multiplications, and weights trained on
// ImageNet are published. A value, and the network that follows from it.

public import Neural

/// A U-Net with the encoder of an EfficientNet-Lite (Tan and Le, 2019; the lite variants have ReLU6 for
/// swish, and no squeeze and excitation) for images of one size: a 3 x 3 convolution of stride 2 with 32
/// filters, and seven stages of inverted residual blocks (Sandler et al., 2018), whose images of strides
/// 2, 4, 8 and 16 the decoder joins. The original's last 1 x 1 convolution, for classes, is left out.
///
/// The encoder's layers have the names of the published PyTorch state dicts behind `encoder.`, as in
/// `encoder._blocks.0._depthwise_conv.weight`, the decoder's those of segmentation_models_pytorch.
///
/// Zeros lie on both sides of an image, as in most PyTorch versions of the network. The weights were
/// trained in TensorFlow, which has them right and below only where the stride is 2: with k such layers
/// gone by, features are the same, but those of an image that is moved by 2^k - 1 pixels, and they
/// differ near borders.
///
/// Images are padded by reflection to multiples of 32, or to a side of a multiple of
/// 8 that is chosen, inside the network and the logits cropped back,
/// so that it maps [n, height, width, channels] to [n, height, width, outputs].
public struct EfficientNetUNet: Sendable, Equatable, Codable {
  /// Sizes of a network by the compound scaling of the lite models: filters are rounded to eights; the
  /// stem, and how often the first and last stage repeat, stay.
  public struct Scale: Sendable, Equatable, Codable {
    /// Factor on the filters.
    public var width: Double
    /// Factor on the blocks of a stage.
    public var depth: Double

    /// Lite0.
    public static let lite0 = Scale(width: 1, depth: 1)
    /// Lite1.
    public static let lite1 = Scale(width: 1, depth: 1.1)
    /// Lite2.
    public static let lite2 = Scale(width: 1.1, depth: 1.2)
  }

  /// A stage of blocks.
  struct Stage: Sendable, Equatable, Codable {
    var kernel: Int
    /// Of the first block; those behind it have 1.
    var stride: Int
    /// Filters of the depthwise convolution for each channel that a block reads.
    var expansion: Int
    var filters: Int
    var blocks: Int
  }

  /// Values joined at the bottom, for example 1 for a depth; 0 for none.
  public let features: Int
  /// Filters of the first convolution.
  let stem: Int
  let stages: [Stage]
  let decoder: UNetDecoder
  private let padding: ReflectPadding

  /// The batch norms' of EfficientNet, with PyTorch's meaning of momentum.
  static let (momentum, epsilon): (Float, Float) = (0.01, 1e-3)

  private static let original = [
    Stage(kernel: 3, stride: 1, expansion: 1, filters: 16, blocks: 1),
    Stage(kernel: 3, stride: 2, expansion: 6, filters: 24, blocks: 2),
    Stage(kernel: 5, stride: 2, expansion: 6, filters: 40, blocks: 2),
    Stage(kernel: 3, stride: 2, expansion: 6, filters: 80, blocks: 3),
    Stage(kernel: 5, stride: 1, expansion: 6, filters: 112, blocks: 3),
    Stage(kernel: 5, stride: 2, expansion: 6, filters: 192, blocks: 4),
    Stage(kernel: 3, stride: 1, expansion: 6, filters: 320, blocks: 1),
  ]

  /// An EfficientNet-Lite U-Net.
  /// - Parameters:
  ///   - image: rows, columns and channels of the images.
  ///   - outputs: logits a pixel, 1 or more.
  ///   - decoder: what can be chosen about it.
  ///   - padTo: side of the square that images are padded to; nil: the next multiple of 32.
  /// - Throws: `SettingError` when the sizes do not go together.
  public init(
    _ scale: Scale, image: Shape, features: Int = 0, outputs: Int = 1,
    decoder settings: DecoderSettings = DecoderSettings(), padTo: Int? = nil
  ) throws {
    var stages = Self.original
    for index in stages.indices {
      stages[index].filters = Self.rounded(Double(stages[index].filters) * scale.width)
      if index > 0, index < stages.count - 1 {
        stages[index].blocks = Int((Double(stages[index].blocks) * scale.depth).rounded(.up))
      }
    }
    try self.init(
      image: image, features: features, outputs: outputs, decoder: settings, padTo: padTo,
      stem: 32, stages: stages, filters: [192, 96, 48, 32, 24])
  }

  /// One of another size, for tests.
  init(
    image: Shape, features: Int = 0, outputs: Int = 1,
    decoder settings: DecoderSettings = DecoderSettings(), padTo: Int? = nil,
    stem: Int, stages: [Stage], filters: [Int]
  ) throws {
    self.features = features
    self.stem = stem
    self.stages = stages
    self.decoder = try UNetDecoder(
      filters: filters, settings, outputs: outputs)
    padding = try UNetDecoder.padding(image, to: padTo)
  }

  /// One that is an eighth as wide and has a block or two a stage, for tests.
  package static func small(image: Shape, padTo: Int? = nil) throws -> EfficientNetUNet {
    var stages = original
    for index in stages.indices {
      stages[index].filters = max(4, stages[index].filters / 16)
      stages[index].expansion = min(stages[index].expansion, 3)
      stages[index].blocks = min(stages[index].blocks, 2)
    }
    return try EfficientNetUNet(
      image: image, padTo: padTo, stem: 8, stages: stages, filters: [16, 8, 8, 4, 4])
  }

  /// The size that images are padded to.
  public var padded: Shape { padding.padded }

  /// To the nearest multiple of 8, but no less than nine tenths.
  private static func rounded(_ filters: Double) -> Int {
    let nearest = max(8, Int(filters + 4) / 8 * 8)
    return Double(nearest) < 0.9 * filters ? nearest + 8 : nearest
  }

  /// The network, from top to bottom.
  public func network() -> Network {
    var net = Network()
    var x = padding.image(in: &net)
    x = net.convolution(x, filters: stem, stride: 2, name: "encoder._conv_stem")
    x = net.relu6(norm(x, "encoder._bn0", in: &net))
    var skips: [EncoderImage] = []
    var (channels, number) = (stem, 0)
    for stage in stages {
      if stage.stride > 1 { skips.append(EncoderImage(node: x, channels: channels)) }
      for block in 0..<stage.blocks {
        x = residual(
          x, channels: channels, stage, stride: block == 0 ? stage.stride : 1,
          name: "encoder._blocks.\(number)", in: &net)
        channels = stage.filters
        number += 1
      }
    }
    net.output(
      decoder.layers(
        x, skips: skips, features: features, padding: padding, in: &net))
    return net
  }

  /// An inverted residual block: a 1 x 1 convolution to more channels, one of each channel by itself, a
  /// 1 x 1 convolution to fewer without an activation; with what it reads added where the shapes agree.
  private func residual(
    _ x: Network.Node, channels: Int, _ stage: Stage, stride: Int, name: String,
    in net: inout Network
  ) -> Network.Node {
    let wide = channels * stage.expansion
    var y = x
    if stage.expansion > 1 {
      y = net.convolution(y, filters: wide, kernel: 1, name: "\(name)._expand_conv")
      y = net.relu6(norm(y, "\(name)._bn0", in: &net))
    }
    y = net.convolution(
      y, filters: wide, kernel: stage.kernel, stride: stride, groups: wide,
      name: "\(name)._depthwise_conv")
    y = net.relu6(norm(y, "\(name)._bn1", in: &net))
    y = net.convolution(y, filters: stage.filters, kernel: 1, name: "\(name)._project_conv")
    y = norm(y, "\(name)._bn2", in: &net)
    return stride == 1 && channels == stage.filters ? net.add(y, x) : y
  }

  private func norm(_ x: Network.Node, _ name: String, in net: inout Network) -> Network.Node {
    net.batchNorm(x, momentum: Self.momentum, epsilon: Self.epsilon, name: name)
  }
}
