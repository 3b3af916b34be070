// Masks as run lengths in text, in the dialects that competitions use.

/// A dialect of run-length encoding: pairs "start length", separated by blanks, of marked pixels.
public struct RunLength: Sendable, Equatable, Codable {
  /// In which order pixels are counted.
  public enum Order: String, Sendable, Codable {
    /// Down each column, columns from left to right.
    case column
    /// Along each row, rows from the top.
    case row
  }

  /// In which order pixels are counted.
  public var order: Order
  /// The number of the first pixel.
  public var base: Int
  /// How an empty mask is written.
  public var empty: String

  /// A dialect; the defaults are those of the salt competition.
  public init(order: Order = .column, base: Int = 1, empty: String = "") {
    self.order = order
    self.base = base
    self.empty = empty
  }

  /// The run lengths of a mask, as few runs as possible, in order.
  public func encode(_ mask: Mask) -> String {
    var text = ""
    var start: Int?
    let counted = mask.pixels.count
    let (outer, inner, outerStep, innerStep) = steps(width: mask.width, height: mask.height)
    func close(at position: Int) {
      guard let first = start else { return }
      if !text.isEmpty { text += " " }
      text += "\(first &+ base) \(position - first)"
      start = nil
    }
    mask.pixels.withUnsafeBufferPointer { pixels in
      var position = 0
      for i in 0..<outer {
        for j in 0..<inner {
          if pixels[i * outerStep + j * innerStep] == 0 {
            close(at: position)
          } else if start == nil {
            start = position
          }
          position += 1
        }
      }
    }
    close(at: counted)
    return text.isEmpty ? empty : text
  }

  /// The mask of run lengths. Only blanks, or the dialect's token for it, is an empty mask; runs
  /// that touch each other are accepted.
  /// - Throws: `RunLengthError` for an odd count of numbers, what isn't a whole number, a run of no
  ///   pixel, one that leaves the image, and runs out of order or over each other.
  public func decode(_ text: String, width: Int, height: Int) throws -> Mask {
    precondition(width > 0 && height > 0, "a mask has at least one pixel")
    let words = text.split(whereSeparator: \.isWhitespace)
    var pixels = [UInt8](repeating: 0, count: width * height)
    guard !words.isEmpty, words != empty.split(whereSeparator: \.isWhitespace) else {
      return Mask(width: width, height: height, pixels: pixels)
    }
    guard words.count.isMultiple(of: 2) else { throw RunLengthError.oddCount(words.count) }
    let (_, inner, outerStep, innerStep) = steps(width: width, height: height)
    var end = 0
    for pair in 0..<(words.count / 2) {
      let start = try number(words[2 * pair])
      let length = try number(words[2 * pair + 1])
      guard length > 0 else { throw RunLengthError.noPixel(start: start) }
      // Wrapping, so that no absurd number traps; what wraps is not a pixel's number.
      let first = start &- base
      guard pixels.indices.contains(first), length <= pixels.count - first else {
        throw RunLengthError.outside(start: start, length: length, width: width, height: height)
      }
      guard first >= end else { throw RunLengthError.outOfOrder(start: start) }
      end = first + length
      for position in first..<end {
        pixels[position / inner * outerStep + position % inner * innerStep] = 1
      }
    }
    return Mask(width: width, height: height, pixels: pixels)
  }

  /// Digits only: a sign or a point in a run is a mistake of the file.
  private func number(_ word: Substring) throws -> Int {
    guard word.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(word) else {
      throw RunLengthError.notANumber(String(word))
    }
    return value
  }

  private func steps(width: Int, height: Int) -> (Int, Int, Int, Int) {
    order == .row ? (height, width, width, 1) : (width, height, 1, width)
  }
}

/// What is wrong with run lengths; whoever knows the file and the line says them.
public enum RunLengthError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Starts and lengths come in pairs.
  case oddCount(Int)
  /// A word that is not a whole number that can be counted with.
  case notANumber(String)
  /// A run of length 0.
  case noPixel(start: Int)
  /// A run that begins or ends outside of the image.
  case outside(start: Int, length: Int, width: Int, height: Int)
  /// A run that begins before the end of the one before it.
  case outOfOrder(start: Int)

  /// What is wrong, with the numbers at fault.
  public var description: String {
    switch self {
    case .oddCount(let count):
      "run lengths are pairs of start and length, but there are \(count) numbers"
    case .notANumber(let word):
      "“\(word)” in the run lengths is not a whole number"
    case .noPixel(let start):
      "the run at \(start) has length 0"
    case .outside(let start, let length, let width, let height):
      "the run “\(start) \(length)” leaves the image of \(width) × \(height) pixels"
    case .outOfOrder(let start):
      "the run at \(start) begins before the end of the run before it"
    }
  }
}
