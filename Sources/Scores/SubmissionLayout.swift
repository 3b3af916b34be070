// What the command has to know of a competition to read its submissions: columns, run lengths, the size of masks and
// the final board, out of the section `competition` of params.yaml. The stages have a fuller view of it, in Datasets,
// which the command doesn't link.

public import Basics
import Foundation
public import Imaging

/// The size of a mask in a submission.
public struct MaskSize: Sendable, Equatable {
  /// Columns, in pixels.
  public var width: Int
  /// Rows, in pixels.
  public var height: Int

  /// A size of at least one pixel.
  public init(width: Int, height: Int) { (self.width, self.height) = (width, height) }
}

/// How a competition's submissions are written.
public struct SubmissionLayout: Sendable, Equatable {
  /// The column of the run lengths.
  public var maskColumn: String
  /// The dialect of run lengths.
  public var rle: RunLength
  /// The size of every mask, in pixels; nil where images have their own.
  public var size: MaskSize?
  /// The final board, where it is known.
  public var board: Leaderboard?

  /// A layout as it is.
  public init(
    maskColumn: String, rle: RunLength = RunLength(), size: MaskSize? = nil,
    board: Leaderboard? = nil
  ) {
    (self.maskColumn, self.rle, self.size, self.board) = (maskColumn, rle, size, board)
  }

  /// The layout that a section says.
  ///
  /// - Parameter competition: the value of the key `competition`.
  /// - Throws: `InputError` naming the key that isn't as it should be.
  public init(_ competition: JSONValue) throws {
    func text(_ key: String) -> String? {
      guard case .string(let text)? = competition[path: key] else { return nil }
      return text
    }
    guard let column = text("columns.predicted") ?? text("columns.mask") else {
      throw InputError("params.yaml: competition.columns.mask: should name the column of the masks")
    }
    maskColumn = column
    rle = try Self.decoded(competition, "rle") ?? RunLength()
    let own: Size? = try Self.decoded(competition, "submission.size")
    let all: Size? = try Self.decoded(competition, "image")
    size = (own ?? all)?.pixels
    board = try Self.decoded(competition, "leaderboard")
    if let problem = board?.problem {
      throw InputError("params.yaml: competition.leaderboard: \(problem)")
    }
  }

  private struct Size: Decodable {
    var width: Int?
    var height: Int?
    /// Nil where a side isn't known, or is none.
    var pixels: MaskSize? {
      guard let width, let height, width > 0, height > 0, width <= 1 << 16, height <= 1 << 16 else {
        return nil
      }
      return MaskSize(width: width, height: height)
    }
  }

  /// A part of the section; nil where it is null or missing.
  private static func decoded<Value: Decodable>(_ section: JSONValue, _ key: String) throws
    -> Value?
  {
    guard let value = section[path: key], value != .null else { return nil }
    do {
      return try JSONDecoder().decode(Value.self, from: Data(value.canonical.utf8))
    } catch {
      throw InputError(
        "params.yaml: competition.\(key): \(value.canonical) isn't understood; see the comments in params.yaml"
      )
    }
  }
}
