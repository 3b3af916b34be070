// A trained model as one safetensors file: the weights, and as text the network, the scaling of
// its inputs and what else is to be known about it.

import Datasets
public import Foundation
public import Neural

/// Everything that turns an image into a probability of each pixel.
public struct Model: Sendable, Equatable {
  /// The layers.
  public var network: Network
  /// The weights.
  public var weights: Weights
  /// Weights of earlier epochs that predict together with these, as of a snapshot ensemble.
  public var earlier: [Weights]
  /// The size of what the network sees.
  public var image: Shape
  /// What of an image that is.
  public var frame: Frame
  /// What the logits stand for.
  public var head: TargetHead
  /// Values that come with each image; 0 for none.
  public var features: Int
  /// Scaling of images and features.
  public var normalization: Normalization
  /// Free text: settings, how it was trained. Holds no time, host or path.
  public var metadata: [String: String]

  /// The parts of a model.
  public init(
    network: Network, weights: Weights, earlier: [Weights] = [], image: Shape, features: Int,
    normalization: Normalization, frame: Frame = .whole, head: TargetHead = .mask,
    metadata: [String: String] = [:]
  ) {
    self.network = network
    self.weights = weights
    self.earlier = earlier
    self.image = image
    self.frame = frame
    self.head = head
    self.features = features
    self.normalization = normalization
    self.metadata = metadata
  }

  private static let format = "work-segmentation-model/1"
  private static let prefix = "model."
  /// Weights beside the last ones; more than training writes.
  private static let mostEarlier = 100

  /// What the file holds as text beside the free text.
  private struct Description: Codable {
    var network: Network
    var image: Shape
    var features: Int
    var normalization: Normalization
    /// Missing where images are seen as a whole.
    var frame: Frame?
    /// Missing for one mask.
    var head: TargetHead?
    /// How many weights of earlier epochs there are; missing for none.
    var earlier: Int?
  }

  /// Reads a model.
  /// - Throws: `SafetensorsError` when the file is broken, `ModelError` when it is no model.
  public init(contentsOf url: URL) throws {
    var weights = try Weights(contentsOf: url)
    let text = weights.metadata
    guard let format = text[Self.prefix + "format"] else {
      throw ModelError(
        path: url.path, problem: "is a safetensors file, but holds no model of this program")
    }
    guard format == Self.format else {
      throw ModelError(
        path: url.path, problem: "has the format \(format), this program reads \(Self.format)")
    }
    let description: Description
    let result: Shape
    do {
      description = try JSONDecoder().decode(
        Description.self, from: Data((text[Self.prefix + "description"] ?? "").utf8))
      result = try description.network.outputShape(
        height: description.image.height, width: description.image.width)
    } catch {
      throw ModelError(
        path: url.path, problem: "has a description that cannot be read: \(error)")
    }
    let (image, head) = (description.image, description.head ?? .mask)
    guard result.height == image.height, result.width == image.width,
      result.channels == head.outputs, (description.frame ?? .whole).fits(image)
    else {
      throw ModelError(
        path: url.path,
        problem: "has logits of \(result) for images of \(image), which don't go together")
    }
    guard description.normalization.channels.count == description.image.channels,
      description.normalization.features.count == description.features
    else {
      throw ModelError(path: url.path, problem: "has scales for another number of inputs")
    }
    let scales = description.normalization.channels + description.normalization.features
    guard scales.allSatisfy(\.isUsable) else {
      throw ModelError(
        path: url.path, problem: "has a mean or deviation to scale by that is no number, or 0")
    }
    do { try checkOutputs(head.outputs) } catch let error as SettingError {
      throw ModelError(path: url.path, problem: "has logits that \(error.problem)")
    }
    guard weights.areFinite else {
      throw ModelError(path: url.path, problem: "has weights that are no numbers")
    }
    guard (0...Self.mostEarlier).contains(description.earlier ?? 0) else {
      throw ModelError(path: url.path, problem: "has weights of too many earlier epochs")
    }
    weights.metadata = [:]
    let earlier = (0..<(description.earlier ?? 0)).map { number in
      let prefix = Self.prefix(ofEarlier: number)
      var own = Weights(tensors: [:])
      for (name, tensor) in weights.tensors where name.hasPrefix(prefix) {
        own.tensors[String(name.dropFirst(prefix.count))] = tensor
        weights.tensors[name] = nil
      }
      return own
    }
    self.init(
      network: description.network, weights: weights, earlier: earlier, image: image,
      features: description.features, normalization: description.normalization,
      frame: description.frame ?? .whole, head: head,
      metadata: text.filter { !$0.key.hasPrefix(Self.prefix) })
  }

  /// Of the names of the tensors of earlier weights in the file.
  private static func prefix(ofEarlier number: Int) -> String { "earlier.\(number)." }

  /// The models that predict together: one for each of the weights, from the earliest on.
  public var members: [Model] {
    (earlier + [weights]).map { weights in
      var member = self
      (member.weights, member.earlier) = (weights, [])
      return member
    }
  }

  /// Writes the file, whole or not at all; the same model gives the same bytes.
  /// - Throws: `FileError` where it can't be written.
  public func write(to url: URL) throws {
    var file = weights
    for (number, weights) in earlier.enumerated() {
      for (name, tensor) in weights.tensors {
        file.tensors[Self.prefix(ofEarlier: number) + name] = tensor
      }
    }
    file.metadata = metadata
    file.metadata[Self.prefix + "format"] = Self.format
    file.metadata[Self.prefix + "description"] = try JSON.line(
      Description(
        network: network, image: image, features: features, normalization: normalization,
        frame: frame == .whole ? nil : frame, head: head == .mask ? nil : head,
        earlier: earlier.isEmpty ? nil : earlier.count))
    try file.write(to: url)
  }
}

/// A file that is not a model, and why.
public struct ModelError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What is wrong.
  public let problem: String
  /// `path: problem`.
  public var description: String { "\(path): \(problem)" }
}
