// Networks and trained models, as a stage asks for them.

public import Datasets
import Foundation
public import Neural

extension ModelSettings {
  /// The network for the images of a set, and the values that come with them.
  /// - Throws: `SettingError` when the sizes do not go together.
  public func network(for images: ImageSet, outputs: Int = 1) throws -> Network {
    try network(
      image: frame().input(for: images), features: images.featureCount, outputs: outputs)
  }

  /// What the network's encoder starts from, read from the cache of published weights; nil for random numbers.
  /// - Throws: `SettingError` where none are published, `WeightsError` where they aren't in the cache,
  ///   `PretrainedError` naming what does not fit.
  public func encoder(of network: Network, for images: ImageSet) throws -> PretrainedEncoder? {
    guard weights == .imageNet else { return nil }
    guard let name = kind.pretrained else {
      throw SettingError(
        setting: "model.weights",
        problem:
          "is imagenet, but none are published for model.kind \(kind.rawValue); should be none")
    }
    let published = try WeightsCache().load(.named(name)).tensors
    return try PretrainedEncoder(kind, for: network, image: frame().input(for: images)) {
      published[$0]
    }
  }

  /// A network of these settings in figures: what it is, how large, and how much work an image is.
  /// - Throws: `NetworkError` when the layers do not fit the images.
  public func figures(of network: Network, for images: ImageSet) throws -> [Figure] {
    let input = try frame().input(for: images)
    let parameters = try network.parameterCount(height: input.height, width: input.width)
    let multiplyAdds = try network.multiplyAdds(height: input.height, width: input.width)
    return [
      Figure("network", kind.rawValue, note: note),
      Figure("parameters", parameters.formatted()),
      Figure(
        "multiply-adds", String(format: "%.2f G", Double(multiplyAdds) / 1e9),
        note: unet.patch == nil ? "an image, forward" : "a window of \(input.width), forward"),
    ]
  }

  /// A network as a table for the log: a line a layer.
  /// - Throws: `NetworkError` when the layers do not fit the images.
  public func layers(of network: Network, for images: ImageSet) throws -> String {
    let input = try frame().input(for: images)
    return try network.summary(height: input.height, width: input.width)
  }
}

extension Stage {
  /// The trained models, one a fold, in order of the folds: those of the second training where there is one.
  ///
  /// - Throws: `ModelError` or `SafetensorsError` naming a file that can't be read.
  public func models() throws -> [Model] {
    let folder = hasInput("data/students") ? "data/students" : "data/models"
    return try inputs(below: folder).map {
      try Model(contentsOf: $0.appendingPathComponent("model.safetensors"))
    }
  }
}

extension [Model] {
  /// Whether one of the models wants each image's depth.
  public var takeDepths: Bool { contains { $0.features > 0 } }

  /// Whether one of the models has weights of several epochs, which predict together.
  public var hasSnapshots: Bool { contains { !$0.earlier.isEmpty } }
}
