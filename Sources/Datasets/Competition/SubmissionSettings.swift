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
  /// The archive of masks as pictures that is written beside the table, such as submissions/submission.zip; null:
  /// none.
  public var archive: String?
  /// The name of a picture in that archive, such as "masks/{id}.png"; with `{class}` where classes may overlap.
  /// Its ending says what it is: PNG or TIFF.
  public var file: String?
  /// The value of marked pixels in such a picture, 1...65535; null: 255.
  public var marked: Int?

  /// A layout, as it is.
  public init(rows: Rows = .image, row: String? = nil, size: ImageSize? = nil) {
    self.size = size
    self.rows = rows
    self.row = row
  }

  /// - Throws: `SettingError`.
  func check(classes: [String], _ kind: TargetKind) throws {
    try checkPictures(perClass: kind == .mask && classes.count > 1)
    try SettingError.check(
      rows != .image || classes.count == 1, "competition.submission.rows",
      "is image, but there are \(classes.count) classes: should be image-class")
    try SettingError.check(
      size.map { (1...65536).contains($0.width) && (1...65536).contains($0.height) } ?? true,
      "competition.submission.size", "should have sides of 1 to 65536")
    guard let row else { return }
    try SettingError.check(
      row.components(separatedBy: "{id}").count == 2
        && row.components(separatedBy: "{class}").count == 2, "competition.submission.row",
      "is \"\(row)\", should hold {id} and {class} once each")
  }

  private func checkPictures(perClass: Bool) throws {
    let section = "competition.submission"
    try SettingError.check(
      (archive == nil) == (file == nil), section,
      "has only one of archive and file: the archive is where pictures go, the file what each is called"
    )
    try SettingError.check(
      marked.map { (1...65535).contains($0) } ?? true, "\(section).marked",
      "should be from 1 to 65535")
    guard let archive, let file else { return }
    try SettingError.check(
      archive.hasPrefix("submissions/") && archive.hasSuffix(".zip"), "\(section).archive",
      "is \(archive), should be a zip file below submissions")
    try SettingError.check(
      [".png", ".tif", ".tiff"].contains { file.lowercased().hasSuffix($0) }, "\(section).file",
      "is \(file), should end with .png, .tif or .tiff")
    try SettingError.check(
      file.contains("{id}") && file.contains("{class}") == perClass, "\(section).file",
      "is \(file), should hold {id}"
        + (perClass ? " and {class}" : ", and {class} only where classes may overlap"))
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
