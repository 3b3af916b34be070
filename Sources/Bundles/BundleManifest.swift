// What a bundle for a code competition says of itself: `bundle.json`. `work bundle` writes it, and the bundle's own
// program reads it.

public import Basics
public import Foundation

/// The contents of a bundle's `bundle.json`.
public struct BundleManifest: Codable, Sendable, Equatable {
  /// The name of the file in the bundle's folder.
  public static let fileName = "bundle.json"
  /// The version that these sources write and read.
  public static let currentVersion = 1

  /// A file that the program reads, known by its bytes.
  public struct Part: Codable, Sendable, Equatable {
    /// Relative to the bundle's folder.
    public var path: String
    /// SHA-256 as hex.
    public var sha256: String

    /// Names a file.
    public init(path: String, sha256: String) { (self.path, self.sha256) = (path, sha256) }
  }

  /// The sample submission that the workspace had: that of the public test set.
  public struct Sample: Codable, Sendable, Equatable {
    /// SHA-256 of the file as hex.
    public var sha256: String
    /// Its columns, from left to right.
    public var columns: [String]
    /// Public test images without a row in it; nil where that isn't known.
    public var leavesOut: Int?

    /// Notes a sample.
    public init(sha256: String, columns: [String], leavesOut: Int? = nil) {
      (self.sha256, self.columns, self.leavesOut) = (sha256, columns, leavesOut)
    }
  }

  /// Of the form of this file.
  public var version = currentVersion
  /// The competition's name in addresses; nil where params.yaml has none.
  public var slug: String?
  /// The run whose predictions are those of the bundle.
  public var run: String?
  /// What it scored out of fold, by the competition's metric.
  public var score: Double?
  /// The parameters of the stage *predict* as that run had them, as sections within sections.
  public var parameters: JSONValue
  /// The keys among them that the run's command had overridden.
  public var overridden: [String]
  /// The models, in the order of the folds.
  public var models: [Part]
  /// What *evaluate* chose.
  public var postProcessing: Part
  /// The public sample submission; nil where the competition has none.
  public var sample: Sample?

  /// Where *unzip* puts what comes from Kaggle: folders below `data` by the name of an archive, or of a part of one.
  public var places: [String: String] = [:]

  /// A manifest of the current version.
  public init(
    parameters: JSONValue, overridden: [String], models: [Part], postProcessing: Part
  ) {
    (self.parameters, self.overridden) = (parameters, overridden)
    (self.models, self.postProcessing) = (models, postProcessing)
  }

  /// Reads the manifest of a bundle.
  ///
  /// - Throws: `InputError` where there is none, it is damaged, or it is of another version.
  public init(bundle: URL) throws {
    struct Version: Decodable { var version: Int }
    let file = bundle.appendingPathComponent(Self.fileName)
    do {
      let data = try Data(contentsOf: file)
      // The version is looked at alone, since a later one may have another shape.
      let version = try JSONDecoder().decode(Version.self, from: data).version
      guard version == Self.currentVersion else {
        throw InputError(
          "\(file.path): has version \(version), and this program reads version \(Self.currentVersion); make the "
            + "bundle again with `work bundle`")
      }
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch let error as InputError {
      throw error
    } catch {
      throw InputError(
        "\(file.path): no bundle can be read there (\(systemReason(error))); make it again with `work bundle`"
      )
    }
  }

  /// Writes the manifest into a bundle's folder.
  ///
  /// - Throws: `FileError`.
  public func write(to bundle: URL) throws {
    try WholeFile.write(json: self, to: bundle.appendingPathComponent(Self.fileName))
  }
}
