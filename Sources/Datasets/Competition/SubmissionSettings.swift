// What the rows of a submission are: the section `competition.submission` of params.yaml.

import Basics
import Foundation

/// The layout of a submission.
public struct SubmissionSettings: Codable, Sendable, Equatable {
  /// What a row is.
  public enum Rows: String, NamedChoice {
    /// An image.
    case image
    /// An image and class.
    case imageClass = "image-class"
    /// An instance; an image without any has one row with an empty mask.
    case instance
  }

  /// What a row is.
  public var rows: Rows
  /// How the id of a row is made of image and class, where no column holds the class: "{id}_{class}".
  public var row: String?
  /// The size that masks are scaled to before they are written, by the nearest pixel; null: their image's.
  public var size: ImageSize?

  /// A layout, as it is.
  public init(rows: Rows = .image, row: String? = nil, size: ImageSize? = nil) {
    self.size = size
    self.rows = rows
    self.row = row
  }

  /// - Throws: `SettingError`.
  func check(classes: [String]) throws {
    try SettingError.check(
      rows != .image || classes.count == 1, "competition.submission.rows",
      "is image, but there are \(classes.count) classes: should be image-class")
    try SettingError.check(
      size.map { $0.width >= 1 && $0.height >= 1 } ?? true, "competition.submission.size",
      "should have sides of 1 or more")
    guard let row else { return }
    try SettingError.check(
      row.components(separatedBy: "{id}").count == 2
        && row.components(separatedBy: "{class}").count == 2, "competition.submission.row",
      "is \"\(row)\", should hold {id} and {class} once each")
  }

  /// The id of a row.
  func name(id: String, class name: String) -> String {
    (row ?? "{id}").replacingOccurrences(of: "{id}", with: "\u{0}")
      .replacingOccurrences(of: "{class}", with: name).replacingOccurrences(of: "\u{0}", with: id)
  }

  /// The image and class of a row's id; nil where it is none of these classes.
  func parts(of name: String, classes: [String]) -> (id: String, classIndex: Int)? {
    guard let row else { return classes.count == 1 ? (name, 0) : nil }
    // Longest first: one class's name may end with another's.
    for index in classes.indices.sorted(by: { classes[$0].count > classes[$1].count }) {
      let ends = row.replacingOccurrences(of: "{class}", with: classes[index])
        .components(separatedBy: "{id}")
      guard ends.count == 2, name.count > ends[0].count + ends[1].count, name.hasPrefix(ends[0]),
        name.hasSuffix(ends[1])
      else { continue }
      return (String(name.dropFirst(ends[0].count).dropLast(ends[1].count)), index)
    }
    return nil
  }
}
