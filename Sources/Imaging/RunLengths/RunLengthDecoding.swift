// Reading run lengths: from a cell's text to a mask, in every dialect. Nothing that a file may hold
// traps, and what can't be read says which text it was.

import Basics
import Foundation

extension RunLength {
  /// The mask of run lengths; of several masks in the cell, all together. Only blanks, or the
  /// dialect's token for it, is an empty mask; runs that touch each other are accepted.
  /// - Throws: `RunLengthError` for what can't be read, an odd count of numbers, a run of no pixel,
  ///   one that leaves the image, and runs out of order or over each other.
  public func decode(_ text: String, width: Int, height: Int) throws -> Mask {
    precondition(width > 0 && height > 0, "a mask has at least one pixel")
    var pixels = [UInt8](repeating: 0, count: width * height)
    for piece in pieces(of: text) { try mark(piece, width, height, in: &pixels) }
    return Mask(width: width, height: height, pixels: pixels)
  }

  /// The masks of a cell, in order; none of an empty one. Without a separator, at most one.
  /// - Throws: `RunLengthError`, as `decode`.
  public func decodeMasks(_ text: String, width: Int, height: Int) throws -> [Mask] {
    try pieces(of: text).map { piece in
      var pixels = [UInt8](repeating: 0, count: width * height)
      try mark(piece, width, height, in: &pixels)
      return Mask(width: width, height: height, pixels: pixels)
    }
  }

  /// The texts of the masks in a cell; those that are empty are left out.
  private func pieces(of text: String) -> [Substring] {
    func isEmpty(_ text: Substring) -> Bool {
      let words = text.split(whereSeparator: \.isWhitespace)
      return words.isEmpty || words == empty.split(whereSeparator: \.isWhitespace)
    }
    guard !isEmpty(text[...]) else { return [] }
    guard let separator, !separator.isEmpty else { return [text[...]] }
    return text.split(separator: separator).filter { !isEmpty($0) }
  }

  private func mark(_ text: Substring, _ width: Int, _ height: Int, in pixels: inout [UInt8]) throws
  {
    do {
      let runs = form == .coco ? try cocoRuns(text, pixels.count) : try runs(text, width, height)
      PixelOrder(form == .coco ? .column : order, width: width, height: height).mark(
        runs, in: &pixels)
    } catch let reason as RunLengthError.Reason {
      throw RunLengthError(reason, text: text, dialect: self, width: width, height: height)
    }
  }

  private func runs(_ text: Substring, _ width: Int, _ height: Int) throws -> [Range<Int>] {
    let numbers = form == .list ? try listNumbers(text) : try Self.numbers(text)
    guard numbers.count.isMultiple(of: 2) else {
      throw RunLengthError.Reason.oddCount(numbers.count)
    }
    let count = width * height
    var runs: [Range<Int>] = []
    runs.reserveCapacity(numbers.count / 2)
    var end = 0
    for pair in stride(from: 0, to: numbers.count, by: 2) {
      let (start, length) = (numbers[pair], numbers[pair + 1])
      guard length > 0 else { throw RunLengthError.Reason.noPixel(start: start) }
      // Wrapping, so that no absurd number traps; what wraps is not a pixel's number.
      let offset = start &- base
      let from = relative ? end : 0
      guard (0..<(count - from)).contains(offset), length <= count - from - offset else {
        throw RunLengthError.Reason.outside(
          start: start, length: length, width: width, height: height)
      }
      guard from + offset >= end else { throw RunLengthError.Reason.outOfOrder(start: start) }
      end = from + offset + length
      runs.append((from + offset)..<end)
    }
    return runs
  }

  private static func numbers(_ text: Substring) throws -> [Int] {
    try text.split(whereSeparator: \.isWhitespace).map(number)
  }

  /// Digits only: a sign or a point in a run is a mistake of the file.
  private static func number(_ word: Substring) throws -> Int {
    guard word.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(word) else {
      throw RunLengthError.Reason.notANumber(String(word))
    }
    return value
  }

  /// A flat list, or one of lists of two; in square or round brackets, as JSON and Python have them.
  private func listNumbers(_ text: Substring) throws -> [Int] {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    var depth = 0
    var numbers: [Int] = []
    var word = ""
    var inner = 0
    func close() throws {
      guard !word.isEmpty else { return }
      numbers.append(try Self.number(word[...]))
      word = ""
    }
    for (index, character) in text.enumerated() {
      switch character {
      case "[", "(":
        guard word.isEmpty, depth > 0 || index == 0, depth < 2 else {
          throw RunLengthError.Reason.notAList
        }
        depth += 1
        inner = numbers.count
      case "]", ")":
        try close()
        depth -= 1
        guard depth >= 0, depth == 0 || numbers.count - inner == 2 else {
          throw RunLengthError.Reason.notAList
        }
      case _ where character == "," || character.isWhitespace: try close()
      case _ where depth == 0: throw RunLengthError.Reason.notAList
      default: word.append(character)
      }
    }
    guard depth == 0, word.isEmpty else { throw RunLengthError.Reason.notAList }
    return numbers
  }

  private func cocoRuns(_ text: Substring, _ pixels: Int) throws -> [Range<Int>] {
    let counts = try cocoCounts(text.trimmingCharacters(in: .whitespacesAndNewlines))
    var runs: [Range<Int>] = []
    var end = 0
    for (index, count) in counts.enumerated() {
      guard count >= 0, count <= pixels - end else {
        throw RunLengthError.Reason.otherSize(pixels: pixels)
      }
      if !index.isMultiple(of: 2) && count > 0 { runs.append(end..<(end + count)) }
      end += count
    }
    guard end == pixels else { throw RunLengthError.Reason.otherSize(pixels: pixels) }
    return runs
  }

  private func cocoCounts(_ text: String) throws -> [Int] {
    // Compressed text may begin with a bracket, too, but never ends with one: more would follow.
    if text.hasPrefix("["), text.hasSuffix("]") { return try listNumbers(text[...]) }
    var text = text
    if text.hasPrefix("{") {
      guard let object = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else {
        throw RunLengthError.Reason.notCOCO
      }
      switch object["counts"] {
      case .array(let values):
        return try values.map {
          guard case .int(let count) = $0 else { throw RunLengthError.Reason.notCOCO }
          return count
        }
      case .string(let compressed): text = compressed
      default: throw RunLengthError.Reason.notCOCO
      }
    } else if text.hasPrefix("b'"), text.hasSuffix("'"), text.count > 2 {
      // Bytes as Python prints them.
      text = text.dropFirst(2).dropLast().replacingOccurrences(of: "\\\\", with: "\\")
    }
    guard let counts = COCOCounts(compressed: text[...]) else {
      throw RunLengthError.Reason.notCOCO
    }
    return counts.counts
  }
}
