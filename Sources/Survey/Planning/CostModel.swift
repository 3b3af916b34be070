// What training and inference of a U-Net take, as a function of its size: all constants of the model stand
// here.

/// A U-Net and the images that it sees.
package struct NetworkSize: Sendable, Equatable {
  /// The network's name where its contracting path is a published encoder, with filters of its own; nil for a U-Net.
  var encoder: String?
  /// Pixels that the network computes on, its padding among them.
  var pixels: Int
  /// Of the first level.
  var filters: Int
  /// The bottom among them.
  var levels: Int
  /// Of an image.
  var channels: Int
  /// Logits a pixel.
  var outputs: Int

  package init(
    pixels: Int, filters: Int, levels: Int, channels: Int, outputs: Int, encoder: String? = nil
  ) {
    self.encoder = encoder
    (self.pixels, self.filters, self.levels) = (pixels, filters, levels)
    (self.channels, self.outputs) = (channels, outputs)
  }

  /// Multiply-adds of a forward pass: two 3 x 3 convolutions a level, and on the way up a 2 x 2
  /// up-convolution with a convolution of twice the channels. Each level costs the same.
  package var multiplyAdds: Double {
    let f = Double(filters)
    let body = f * f * (42.5 * Double(levels - 1) - 4.5 + 13.5)
    return Double(pixels) * (body + f * Double(9 * channels + outputs))
  }

  /// Trained values.
  var parameters: Double {
    let f = Double(filters)
    var sum = 0.0
    for level in 0..<levels {
      let channels = f * Double(1 << level)
      sum += channels * channels * (level < levels - 1 ? 13.5 + 35 : 13.5)
    }
    return sum
  }
}

/// What a network with a published encoder takes, by pixels alone.
public struct EncoderCost: Sendable, Equatable {
  /// Milliseconds of a training step, for 10^6 pixels.
  public var trainPerMegapixel: Double
  /// Milliseconds of inference, for 10^6 pixels.
  public var inferPerMegapixel: Double
  /// Bytes for a pixel of a batch while it trains.
  public var bytesPerPixel: Double
  /// Bytes of everything else.
  public var bytes: Double

  /// A cost as it was measured.
  public init(
    trainPerMegapixel: Double, inferPerMegapixel: Double, bytesPerPixel: Double, bytes: Double
  ) {
    (self.trainPerMegapixel, self.inferPerMegapixel) = (trainPerMegapixel, inferPerMegapixel)
    (self.bytesPerPixel, self.bytes) = (bytesPerPixel, bytes)
  }
}

/// The time and memory of a machine.
public struct CostModel: Sendable, Equatable {
  /// How many times longer than on the machine of the constants everything takes.
  public var slowness: Double
  /// What was measured on this machine of networks with encoders, by their names.
  public var encoders: [String: EncoderCost] = [:]

  /// A model for a machine.
  public init(slowness: Double = 1) { self.slowness = slowness }

  // Measured by `work bench` in bfloat16 on two cores with AVX512_BF16, for 8 to 48 filters and 128 to 512
  // pixels a side: the sum of a part by pixels (passes through memory) and one by multiply-adds is within
  // 6 % of them, and within 15 % for 512 pixels.
  private static let trainPerMegapixel = 73.0  // ms
  private static let trainPerGiga = 8.0  // ms for 10^9 multiply-adds
  private static let inferPerMegapixel = 18.0
  private static let inferPerGiga = 1.9
  // The same of the U-Net with an EfficientNet-Lite0, by pixels alone: between whole runs with one mask at 128 x 128
  // (590 for training) and with 11 classes at 256 x 192 (740), both beside what `work bench` found then.
  private static let encoder = EncoderCost(
    trainPerMegapixel: 650, inferPerMegapixel: 180, bytesPerPixel: 850, bytes: 200e6)
  /// Bytes of activations and gradients for a pixel of a batch and a filter.
  private static let bytesPerFilter = 37.0
  /// Bytes of a trained value: weights, gradients and the optimizer's state.
  private static let bytesPerParameter = 24.0
  /// Bytes of the process beside network and images.
  private static let baseBytes = 60e6

  /// What `work bench --batch 16` (16 filters, 128 x 128, 1 channel) measures where `slowness` is 1: ms an image
  /// of the fastest training step.
  public static let referenceTrainMilliseconds = 6.4

  /// What a network with an encoder takes here: as measured, or by the constants.
  private func cost(ofEncoder name: String) -> EncoderCost {
    if let measured = encoders[name] { return measured }
    var cost = Self.encoder
    cost.trainPerMegapixel *= slowness
    cost.inferPerMegapixel *= slowness
    return cost
  }

  /// Milliseconds of a training step an image.
  func train(_ size: NetworkSize) -> Double {
    if let name = size.encoder {
      return cost(ofEncoder: name).trainPerMegapixel * Double(size.pixels) / 1e6
    }
    return slowness
      * (Self.trainPerMegapixel * Double(size.pixels) / 1e6 + Self.trainPerGiga * size.multiplyAdds
        / 1e9)
  }

  /// Milliseconds of inference an image.
  func infer(_ size: NetworkSize) -> Double {
    if let name = size.encoder {
      return cost(ofEncoder: name).inferPerMegapixel * Double(size.pixels) / 1e6
    }
    return slowness
      * (Self.inferPerMegapixel * Double(size.pixels) / 1e6 + Self.inferPerGiga * size.multiplyAdds
        / 1e9)
  }

  /// Bytes of the process while it trains, but for the images.
  func bytes(_ size: NetworkSize, batch: Int) -> Double {
    if let name = size.encoder {
      let cost = cost(ofEncoder: name)
      return cost.bytes + cost.bytesPerPixel * Double(size.pixels * batch)
    }
    return Self.baseBytes + Self.bytesPerFilter * Double(size.filters * size.pixels * batch)
      + Self.bytesPerParameter * size.parameters
  }
}
