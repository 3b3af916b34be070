// The one door to what is particular of a competition: read from the section `competition` of
// params.yaml. Another segmentation competition is another section, not another line of code.

public import Foundation

/// A segmentation competition: where its files lie, how they name things, how it is scored.
public struct Competition: Codable, Sendable, Equatable {
  /// The shape of an image, in pixels and channels.
  public struct ImageShape: Codable, Sendable, Equatable {
    public var width: Int
    public var height: Int
    /// Channels that the network sees: 1 (colour is turned to grey) or 3.
    public var channels: Int
  }

  /// Where things lie, below the workspace. In the patterns, `{id}` stands for an image's id.
  public struct Files: Codable, Sendable, Equatable {
    public var trainImages: String
    /// Null where masks come only as run lengths, in `trainTable`.
    public var trainMasks: String?
    public var testImages: String
    public var trainTable: String
    /// Null where images have no depth.
    public var depths: String?
    public var sampleSubmission: String

    enum CodingKeys: String, CodingKey {
      case trainImages = "train_images"
      case trainMasks = "train_masks"
      case testImages = "test_images"
      case trainTable = "train_table"
      case depths
      case sampleSubmission = "sample_submission"
    }
  }

  /// What the tables call their columns.
  public struct Columns: Codable, Sendable, Equatable {
    public var id: String
    public var mask: String
    public var depth: String?
  }

  /// How a mask is written as run lengths.
  public struct RunLengths: Codable, Sendable, Equatable {
    /// "column": down each column first, columns from left to right; "row": along each row first.
    public var order: String
    /// The number of the first pixel.
    public var base: Int
    /// What stands for a mask without a pixel.
    public var empty: String
  }

  /// The competition's name at Kaggle, as in its URL.
  public var slug: String
  public var title: String
  /// What a mask marks, in a word, as in "salt".
  public var target: String
  /// The unit of depths, for axes, as in "feet"; null where there are none.
  public var depthUnit: String?
  public var image: ImageShape
  public var files: Files
  public var columns: Columns
  public var rle: RunLengths
  /// "mean-precision", "dice" or "iou".
  public var metric: String

  enum CodingKeys: String, CodingKey {
    case slug, title, target, image, files, columns, rle, metric
    case depthUnit = "depth_unit"
  }
}

extension Stage {
  /// The place of one image of a pattern such as "data/train/images/{id}.png".
  ///
  /// - Throws: `StageFailure` where the pattern lies in no declared input.
  public func folder(of pattern: String) throws -> URL {
    let folder = pattern.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    return try input(folder)
  }

  /// The ids of the images that lie in a pattern's folder, sorted.
  ///
  /// - Throws: `StageFailure` where the folder is missing, holds no image of the pattern, or holds
  ///   other files too.
  public func ids(of pattern: String) throws -> [String] {
    let folder = try folder(of: pattern)
    let name = pattern.split(separator: "/").last.map(String.init) ?? pattern
    let parts = name.components(separatedBy: "{id}")
    guard parts.count == 2 else {
      throw StageFailure("params.yaml: \(pattern): should hold {id} once, in the file's name", exit: .badInput)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let ids = names.filter {
      $0.hasPrefix(parts[0]) && $0.hasSuffix(parts[1]) && $0.count > parts[0].count + parts[1].count
    }.map { String($0.dropFirst(parts[0].count).dropLast(parts[1].count)) }.sorted()
    guard !ids.isEmpty else {
      throw StageFailure(
        "\(folder.path): holds no file of the pattern \(name) (competition.files in params.yaml)",
        exit: .badInput)
    }
    return ids
  }

  /// The file of one image.
  public func file(_ pattern: String, id: String) throws -> URL {
    let name = pattern.split(separator: "/").last.map(String.init) ?? pattern
    return try folder(of: pattern).appendingPathComponent(
      name.replacingOccurrences(of: "{id}", with: id))
  }
}
