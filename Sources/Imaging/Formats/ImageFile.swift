// Reading picture files of any format: the door to the readers.

import Bytes
public import Foundation

/// Reads picture files, told apart by their first bytes and not by their names.
///
/// All throw `ImageFileError`, which names the file and says what is wrong with it or what it is
/// instead: for files that are not pictures, cut short, damaged, too large, or of a format that this
/// build can't read.
public enum ImageFile {
  /// Decodes a file.
  public static func decode(
    contentsOf url: URL, options: DecodingOptions = DecodingOptions()
  ) throws -> Scan {
    try reading(url) { try Picture($0, options).scan() }
  }

  /// Decodes a file's bytes.
  ///
  /// - Parameter name: how errors name the file.
  public static func decode(
    _ data: Data, name: String, options: DecodingOptions = DecodingOptions()
  ) throws -> Scan {
    try reading(data, name) { try Picture($0, options).scan() }
  }

  /// What a file's header says; its pixels are not decoded.
  public static func header(
    contentsOf url: URL, options: DecodingOptions = DecodingOptions()
  ) throws -> ImageHeader {
    try reading(url) { try Picture($0, options).header }
  }

  /// What the header of a file's bytes says; its pixels are not decoded.
  ///
  /// - Parameter name: how errors name the file.
  public static func header(
    _ data: Data, name: String, options: DecodingOptions = DecodingOptions()
  ) throws -> ImageHeader {
    try reading(data, name) { try Picture($0, options).header }
  }

  /// Decodes a file in bands of rows, from the top, for pictures larger than memory.
  ///
  /// One band is in memory at a time, but for what can't be had so: interlaced PNG files, progressive
  /// JPEG files, GIF files, deflated arrays, and pictures that are turned by
  /// `DecodingOptions.orientation`.
  /// - Parameter rows: gets the bands; what it throws ends the reading and is thrown on.
  @discardableResult
  public static func decode(
    contentsOf url: URL, options: DecodingOptions = DecodingOptions(),
    rows: (RowBand) throws -> Void
  ) throws -> ImageHeader {
    try reading(url) {
      let picture = try Picture($0, options)
      try picture.bands(rows)
      return picture.header
    }
  }

  /// Decodes a file's bytes in bands of rows; see `decode(contentsOf:options:rows:)`.
  ///
  /// - Parameter name: how errors name the file.
  @discardableResult
  public static func decode(
    _ data: Data, name: String, options: DecodingOptions = DecodingOptions(),
    rows: (RowBand) throws -> Void
  ) throws -> ImageHeader {
    try reading(data, name) {
      let picture = try Picture($0, options)
      try picture.bands(rows)
      return picture.header
    }
  }

  private static func reading<Result>(
    _ url: URL, _ body: (FileBytes) throws -> Result
  ) throws -> Result {
    try named(url.path, nil) {
      let file = try FileBytes(contentsOf: url, as: "picture")
      return try named(url.path, ImageFormat(magic: file.all)) { try body(file) }
    }
  }

  private static func reading<Result>(
    _ data: Data, _ name: String, _ body: (FileBytes) throws -> Result
  ) throws -> Result {
    try data.withUnsafeBytes { bytes in
      try named(name, ImageFormat(magic: bytes)) { try body(FileBytes(bytes, name: name)) }
    }
  }

  /// Gives what a reader finds wrong the file's name, and says as what it was read.
  private static func named<Result>(
    _ name: String, _ format: ImageFormat?, _ body: () throws -> Result
  ) throws -> Result {
    do { return try body() } catch let problem as ReadingProblem {
      let reading = problem.namesFormat ? "" : format.map { " (read as \($0.title))" } ?? ""
      throw ImageFileError(file: name, reason: problem.reason + reading)
    }
  }
}
