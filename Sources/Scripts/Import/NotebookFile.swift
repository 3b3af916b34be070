// The contents of an .ipynb file (nbformat 4), as far as an import needs them, and the messages for files that
// can't be read.

import Foundation

/// The file's contents. The names are nbformat's.
struct NotebookFile: Decodable {
  struct Metadata: Decodable {
    struct LanguageInfo: Decodable { var name: String? }
    struct KernelSpec: Decodable { var language: String? }
    var language_info: LanguageInfo?
    var kernelspec: KernelSpec?
  }
  struct CellMetadata: Decodable {
    struct Work: Decodable { var role: String? }
    var tags: [String]?
    var work: Work?
  }
  struct Cell: Decodable {
    var cell_type: String
    var metadata: CellMetadata?
    var source: Source
  }
  /// A text, or its lines.
  struct Source: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      text = try (try? container.decode(String.self)) ?? container.decode([String].self).joined()
      // Compilers end a line, and a comment, at a lone carriage return, too.
      text = text.replacingOccurrences(of: "\r\n", with: "\n")
        .replacingOccurrences(of: "\r", with: "\n")
    }
  }
  private struct Version: Decodable { var nbformat: Int }

  var metadata: Metadata?
  var cells: [Cell]

  /// Reads a file's contents; `name` is for messages.
  ///
  /// - Throws: `ImportError` where they are no notebook of nbformat 4.
  init(_ data: Data, name: String) throws {
    func failure(_ problem: String) -> ImportError { ImportError(message: "\(name): \(problem)") }
    guard !data.isEmpty else { throw failure("is empty") }
    let decoder = JSONDecoder()
    let version: Int
    do { version = try decoder.decode(Version.self, from: data).nbformat } catch {
      if case DecodingError.dataCorrupted = error {
        throw failure("not a Jupyter notebook: it isn't JSON, or is cut off")
      }
      throw failure("not a Jupyter notebook (no `nbformat` in it)")
    }
    guard version >= 4 else {
      throw failure(
        "a notebook of nbformat \(version); bring it to 4 with `jupyter nbconvert --to notebook`, "
          + "then import that")
    }
    guard version == 4 else { throw failure("a notebook of nbformat \(version); only 4 is known") }
    do { self = try decoder.decode(Self.self, from: data) } catch {
      throw failure(Self.message(for: error))
    }
    for (index, cell) in cells.enumerated()
    where !["code", "markdown", "raw"].contains(cell.cell_type) {
      throw failure("cell \(index + 1): is “\(cell.cell_type)”, none of code, markdown and raw")
    }
  }

  /// What is wrong, and in which cell, counted from 1.
  private static func message(for error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      return owner(context.codingPath) + "has no \(key.stringValue)"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context):
      // Within a list of texts, the list is what is wrong.
      let member = context.codingPath.last { $0.intValue == nil }?.stringValue
      let path = context.codingPath.prefix { $0.stringValue != member }
      return owner(Array(path)) + "its \(member ?? "contents") can't be read as nbformat 4"
    default: return "a damaged notebook"
    }
  }

  private static func owner(_ path: [any CodingKey]) -> String {
    let cell = path.count > 1 && path[0].stringValue == "cells" ? path[1].intValue : nil
    return cell.map { "cell \($0 + 1): " } ?? ""
  }
}
