// The door: an executed record and its script become one HTML page that loads nothing.

import Basics
public import Foundation
public import Notebook

/// The page of an executed stage.
public enum Page {
  /// What the record doesn't know of the page around it.
  public struct Options: Sendable {
    /// The stage's process is still alive, so a record without an end is running, not interrupted.
    public var isRunning = false
    /// Where the index page lies, relative to the page; no link without it.
    public var book: String?

    /// The page of a run that has ended, linked to no index.
    public init(isRunning: Bool = false, book: String? = nil) {
      self.isRunning = isRunning
      self.book = book
    }
  }

  /// The page of a record as a complete HTML document. The same arguments give the same bytes.
  ///
  /// - Parameters:
  ///   - script: the script's text as it is now; its prose is used where its code is still that of the
  ///     run, and the record's own copy otherwise.
  /// - Throws: an error of the template library, which would be a mistake in this module.
  public static func html(record: Record, script: String? = nil, options: Options = Options())
    throws
    -> String
  {
    var builder = PageBuilder(
      record: record, current: script, options: options, templates: try Templates.shared())
    return builder.html()
  }

  /// Writes the page of a record, whole or not at all.
  ///
  /// - Throws: `FileError` where the file can't be written.
  public static func write(
    record: Record, script: String? = nil, options: Options = Options(), to url: URL
  ) throws {
    try WholeFile.write(html(record: record, script: script, options: options), to: url)
  }
}
