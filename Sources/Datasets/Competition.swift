// All that is particular to a competition, read from the section `competition` of params.yaml. Another segmentation competition is another section, not another line of code.

import Basics
public import Foundation
public import Imaging
public import Workbench

/// A segmentation competition: where its files lie, how they name things, how it is scored.
public struct Competition: Sendable, Equatable, CheckedParameters {
  /// The shape of an image, in pixels and channels.
  public struct ImageShape: Codable, Sendable, Equatable {
    /// Columns, in pixels.
    public var width: Int
    /// Rows, in pixels.
    public var height: Int
    /// Channels that the network sees: 1 (colour is turned to grey) or 3.
    public var channels: Int
  }

  /// Where things lie, below the workspace. In the patterns, `{id}` stands for an image's id.
  public struct Files: Codable, Sendable, Equatable {
    /// The pattern of the training images.
    public var trainImages: String
    /// Null where masks come only as run lengths, in `trainTable`.
    public var trainMasks: String?
    /// The pattern of the test images.
    public var testImages: String
    /// The table with a row for each training image.
    public var trainTable: String
    /// Null where images have no depth.
    public var depths: String?
    /// The table that a submission must look like.
    public var sampleSubmission: String

  }

  /// What the tables call their columns.
  public struct Columns: Codable, Sendable, Equatable {
    /// The column of the image's id.
    public var id: String
    /// The column of the mask's run lengths.
    public var mask: String
    /// The column of the depth; null where there is none.
    public var depth: String?
  }

  // What only words on pages depend on: a stage that takes hours declares the other keys one by one,
  // and then these are nil.

  /// The competition's name at Kaggle, as in its URL.
  public var slug: String?
  /// The competition's name for people.
  public var title: String?
  /// What a mask marks, in a word, as in "salt".
  public var target: String?
  /// The unit of depths, for axes, as in "feet"; null where there are none.
  public var depthUnit: String?

  /// The shape of every image.
  public var image: ImageShape
  /// Where things lie.
  public var files: Files
  /// What the tables call their columns.
  public var columns: Columns
  /// How masks are written.
  public var rle: RunLength
  /// How submissions are scored.
  public var metric: Metric

}

extension Competition {
  /// Refuses a metric that the stages don't compute.
  /// - Throws: `SettingError`.
  public func check() throws {
    try SettingError.check(
      [.image, .imageClass].contains(metric.unit) && [.one, .zero].contains(metric.empty)
        && metric.command == nil, "competition.metric",
      "is \(metric.name), which the stages don't compute yet: unit image or image-class, empty one or zero, and "
        + "no command")
  }
}

extension Stage {
  /// What params.yaml says of the competition.
  public func competition() throws -> Competition { try parameters("competition") }

  /// The folder of a pattern such as "data/train/images/{id}.png".
  ///
  /// - Throws: `StageFailure` where the folder lies in no declared input or isn't there.
  public func folder(of pattern: String) throws -> URL {
    try input(FilePattern(pattern).folder)
  }

  /// The ids of the images that lie in a pattern's folder, sorted. Files that don't match the
  /// pattern, and hidden ones, are left alone.
  ///
  /// - Throws: `StageFailure` where the folder is missing or holds no image of the pattern.
  public func ids(of pattern: String) throws -> [String] {
    let pattern = try FilePattern(pattern)
    let folder = try input(pattern.folder)
    let ids = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { !$0.hasPrefix(".") }.compactMap(pattern.id).sorted()
    guard !ids.isEmpty else {
      throw StageFailure(
        "\(folder.path): holds no file that matches \(pattern.name) (competition.files in params.yaml)",
        exit: .badInput)
    }
    return ids
  }

  /// The file of one image.
  ///
  /// - Throws: `StageFailure` where the pattern's folder is no declared input, or the id can't be part of
  ///   a file's name.
  public func file(_ pattern: String, id: String) throws -> URL {
    let pattern = try FilePattern(pattern)
    guard !id.isEmpty, !id.contains("/") else {
      throw StageFailure(
        "“\(id)” can't be the id of an image: no file has such a name", exit: .badInput)
    }
    return try input(pattern.folder).appendingPathComponent(pattern.before + id + pattern.after)
  }
}

/// A pattern of files, such as "data/train/images/{id}.png".
private struct FilePattern {
  let folder: String
  /// The file's name before and after the id.
  let before: String
  let after: String

  var name: String { before + "{id}" + after }

  init(_ pattern: String) throws {
    let components = pattern.components(separatedBy: "/")
    let parts = components[components.count - 1].components(separatedBy: "{id}")
    folder = components.dropLast().joined(separator: "/")
    guard parts.count == 2, !folder.isEmpty, !folder.contains("{id}") else {
      throw StageFailure(
        "params.yaml: competition.files: \(pattern): should be a folder and a file's name that holds {id} once",
        exit: .badInput)
    }
    (before, after) = (parts[0], parts[1])
  }

  func id(of name: String) -> String? {
    guard name.hasPrefix(before), name.hasSuffix(after), name.count > before.count + after.count
    else { return nil }
    return String(name.dropFirst(before.count).dropLast(after.count))
  }
}
