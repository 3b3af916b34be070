// What is wrong with run lengths, and what to set where another dialect would read them.

import Basics
import Foundation

/// Run lengths that can't be read; whoever knows the file and the line says them.
public struct RunLengthError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Error, Sendable, Equatable {
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
    /// Brackets that don't make a list of numbers, or of pairs of them.
    case notAList
    /// Neither a list of counts nor text that COCO's tools compress them into.
    case notCOCO
    /// COCO's counts add up to another number of pixels than the image has.
    case otherSize(pixels: Int)
  }

  /// What is wrong.
  public let reason: Reason
  /// What to set in params.yaml where the text looks like another dialect's, such as
  /// `competition.rle.empty: "-1"`; nil where nothing suggests itself.
  public let advice: String?
  private let text: String

  init(_ reason: Reason, text: Substring, dialect: RunLength, width: Int, height: Int) {
    self.reason = reason
    let words = text.split(whereSeparator: \.isWhitespace)
    self.text = Self.shortened(words.joined(separator: " "))
    advice = Self.advice(reason, words, dialect, width, height)
  }

  /// What is wrong, with the text at fault and what to set.
  public var description: String {
    "the run lengths “\(text)”: " + problem + (advice.map { "; \($0)" } ?? "")
  }

  private var problem: String {
    switch reason {
    case .oddCount(let count):
      count == 1
        ? "a single number, where pairs of start and length are expected"
        : "\(count) numbers, which are no pairs of start and length"
    case .notANumber(let word): "“\(Self.shortened(word))” is not a whole number"
    case .noPixel(let start): "the run at \(start) has length 0"
    case .outside(let start, let length, let width, let height):
      "the run “\(start) \(length)” leaves the image of \(width) × \(height) pixels"
    case .outOfOrder(let start):
      "the run at \(start) begins before the end of the run before it"
    case .notAList: "not a list of numbers in brackets"
    case .notCOCO: "not what COCO's tools write"
    case .otherSize(let pixels): "the counts don't add up to the image's \(pixels) pixels"
    }
  }

  private static func shortened(_ text: String) -> String {
    text.count > 40 ? text.prefix(39) + "…" : text
  }

  private static func advice(
    _ reason: Reason, _ words: [Substring], _ dialect: RunLength, _ width: Int, _ height: Int
  ) -> String? {
    if let token = emptyToken(words, reason) {
      return "if that stands for an empty mask, set competition.rle.empty: "
        + "\(JSONValue.quoted(token)) (with the quotes) in params.yaml"
    }
    if let form = RunLength.Form(lookOf: words, pixels: width * height), form != dialect.form {
      return "it looks like another form: set competition.rle.form: \(form.rawValue)"
    }
    switch reason {
    case .outside(let start, let length, _, _):
      if dialect.relative {
        return "if starts are counted from the image's first pixel, set competition.rle.relative: "
          + "false"
      }
      if start == 0 && dialect.base == 1 {
        return "if the first pixel has the number 0, set competition.rle.base: 0"
      }
      if dialect.base == 0 && start > 0 && start <= width * height
        && length == width * height - start + 1
      {
        return "if the first pixel has the number 1, set competition.rle.base: 1"
      }
      return nil
    case .outOfOrder:
      return dialect.relative
        ? nil
        : "if starts are counted from the end of the run before, set competition.rle.relative: true"
    case .notANumber, .notAList:
      guard dialect.separator == nil, let separator = separator(in: words.joined(separator: " "))
      else { return nil }
      return "if “\(separator)” stands between several masks, set competition.rle.separator: "
        + JSONValue.quoted(separator)
    default: return nil
    }
  }

  /// The text, where it may stand for an empty mask: a word without a run in it.
  private static func emptyToken(_ words: [Substring], _ reason: Reason) -> String? {
    let text = words.joined(separator: " ")
    if case .noPixel = reason, words.count == 2 { return text }
    guard words.count == 1, text.count <= 12 else { return nil }
    switch reason {
    case .oddCount, .notANumber, .notAList, .notCOCO, .otherSize:
      // No run is so short a word: "nan", "None", "-1", "0", "[]".
      let isShort = text.count <= 2 || !text.contains(where: \.isNumber)
      return isShort ? text : nil
    default: return nil
    }
  }

  /// What separates masks of which each has numbers in pairs.
  private static func separator(in text: String) -> String? {
    ["|", ";", "/", ":", ","].first { separator in
      let pieces = text.split(separator: separator)
      return pieces.count > 1
        && pieces.allSatisfy { piece in
          let words = piece.split(whereSeparator: { " []()".contains($0) })
          return words.count > 1
            && words.allSatisfy { $0.allSatisfy { $0.isNumber || $0 == "," } }
        }
    }
  }
}

extension RunLength.Form {
  /// The form that a cell's text looks like; nil where it looks like none.
  init?(lookOf words: [Substring], pixels: Int) {
    guard let first = words.first?.first, let last = words.last?.last else { return nil }
    if first == "{" {
      self = .coco
    } else if "[(".contains(first), "])".contains(last) {
      let text = words.joined(separator: " ")
      let numbers = text.split { ", []()".contains($0) }.map { Int($0) }
      guard numbers.allSatisfy({ $0 != nil }) else { return nil }
      // Counts add up to the image; starts and lengths hardly ever do.
      let sum = numbers.reduce(0) { $0 &+ ($1 ?? 0) }
      self = sum == pixels ? .coco : .list
    } else if words.count > 1, words.allSatisfy({ $0.allSatisfy(\.isNumber) }) {
      self = .pairs
    } else if words.count == 1, !words[0].allSatisfy(\.isNumber),
      let counts = COCOCounts(compressed: words[0])?.counts,
      counts.allSatisfy({ $0 >= 0 && $0 <= pixels }), counts.reduce(0, &+) == pixels
    {
      self = .coco
    } else {
      return nil
    }
  }
}
