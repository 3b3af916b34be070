// Weights of an encoder that were trained on ImageNet: how they get into a network, and how images are
// scaled for them. Where they come from is another module's matter.

public import Choices
public import Neural

/// A published encoder, to start a training from.
public struct PretrainedEncoder: Sendable, Equatable {
  /// The network whose encoder it is.
  public let kind: ModelKind
  /// Its tensors under the network's names, in PyTorch's order.
  let tensors: [String: Tensor]
  /// How images are scaled for it, from values in 0...1; one a channel.
  public let scales: [Normalization.Scale]

  /// Layers of an encoder have this before their published names.
  static let prefix = "encoder."

  /// Takes the tensors of a network's encoder from a published state dict.
  ///
  /// Encoders see three channels. For grey images the first convolution's weights are added up over
  /// its channels, which is what three equal channels would give.
  /// - Parameters:
  ///   - network: of this kind, for images of `image`'s size.
  ///   - published: the tensor of a name in the state dict, such as `conv1.weight` or
  ///     `_conv_stem.weight`, in PyTorch's order: [filters, channels / groups, rows, columns]; nil where
  ///     there is none of that name. Tensors that the network doesn't have are not asked for.
  /// - Throws: `PretrainedError` naming what is missing or does not fit, and what `published` throws.
  public init(
    _ kind: ModelKind, for network: Network, image: Shape, published: (String) throws -> Tensor?
  ) throws {
    guard let stem = kind.stem else {
      throw PretrainedError(problem: "there are none for \(kind.rawValue)")
    }
    self.kind = kind
    scales = try kind.scales(channels: image.channels)
    var tensors: [String: Tensor] = [:]
    let shapes = try network.shapes(height: image.height, width: image.width)
    for parameter in network.parameters(shapes: shapes)
    where parameter.name.hasPrefix(Self.prefix) {
      let name = String(parameter.name.dropFirst(Self.prefix.count))
      guard var tensor = try published(name) else {
        throw PretrainedError(problem: "\"\(name)\" is missing")
      }
      if name == stem, image.channels == 1 { tensor = try tensor.summedOverInputs(name) }
      guard tensor.shape == parameter.shape else {
        throw PretrainedError(
          problem: "\"\(name)\" has shape \(tensor.shape), the network needs \(parameter.shape)")
      }
      tensors[parameter.name] = tensor
    }
    self.tensors = tensors
  }

  /// A network's initial weights with the encoder's in their places.
  public func placed(in weights: Weights) -> Weights {
    var weights = weights
    weights.tensors.merge(tensors) { $1 }
    return weights
  }
}

extension ModelKind {
  /// The published name of the encoder's first weights; nil where no encoder is published.
  fileprivate var stem: String? {
    switch self {
    case .unet: nil
    case .resNet18UNet, .resNet34UNet: "conv1.weight"
    case .efficientNetLite0UNet, .efficientNetLite1UNet, .efficientNetLite2UNet:
      "_conv_stem.weight"
    }
  }

  /// How images were scaled when the encoder was trained: torchvision's networks by mean and deviation of
  /// ImageNet's channels, the lite ones as (v - 127) / 128 with v in 0...255. Grey ones have the means over
  /// the channels.
  /// - Throws: `PretrainedError` for other images than grey and colour ones.
  fileprivate func scales(channels: Int) throws -> [Normalization.Scale] {
    let colour: [Normalization.Scale] =
      switch self {
      case .unet, .resNet18UNet, .resNet34UNet:
        zip([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]).map { .init(mean: $0, deviation: $1) }
      case .efficientNetLite0UNet, .efficientNetLite1UNet, .efficientNetLite2UNet:
        Array(repeating: .init(mean: 127 / 255, deviation: 128 / 255), count: 3)
      }
    switch channels {
    case 3: return colour
    case 1:
      return [
        .init(
          mean: colour.reduce(0) { $0 + $1.mean } / 3,
          deviation: colour.reduce(0) { $0 + $1.deviation } / 3)
      ]
    default:
      throw PretrainedError(
        problem: "they are for images of 3 channels, or of 1; these have \(channels). Set "
          + "competition.image.channels to 1 or 3, or model.weights to none")
    }
  }
}

extension Tensor {
  /// [filters, channels, rows, columns] -> [filters, 1, rows, columns].
  fileprivate func summedOverInputs(_ name: String) throws -> Tensor {
    guard shape.count == 4 else {
      throw PretrainedError(problem: "\"\(name)\" has shape \(shape), which is no convolution's")
    }
    let (filters, channels, taps) = (shape[0], shape[1], shape[2] * shape[3])
    var sums = [Float](repeating: 0, count: filters * taps)
    for filter in 0..<filters {
      for channel in 0..<channels {
        for tap in 0..<taps {
          sums[filter * taps + tap] += values[(filter * channels + channel) * taps + tap]
        }
      }
    }
    return Tensor(shape: [filters, 1, shape[2], shape[3]], values: sums)
  }
}

/// Pretrained weights that do not fit.
public struct PretrainedError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public let problem: String
  /// `pretrained weights: problem`.
  public var description: String { "pretrained weights: \(problem)" }
}
