// Masks as run lengths in text, in the dialects that competitions use: what can differ, writing,
// and the section `competition.rle` of params.yaml.

/// A dialect of run-length encoding: where runs of marked pixels start, and how long they are.
public struct RunLength: Sendable, Equatable, Hashable {
  /// In which order pixels are counted.
  public enum Order: String, Sendable, Codable, CaseIterable {
    /// Down each column, columns from left to right.
    case column
    /// Along each row, rows from the top.
    case row
  }

  /// How the numbers are written.
  public enum Form: String, Sendable, Codable, CaseIterable {
    /// Starts and lengths with blanks between: "1 2 4 1".
    case pairs
    /// A JSON list, "[1, 2, 4, 1]"; "[[1, 2], [4, 1]]" and Python's tuples are read, too.
    case list
    /// COCO's: lengths of runs that are unmarked and marked by turns, always down columns, as its
    /// compressed text. A list of counts, and an object with `counts`, are read, too. Order, base
    /// and `relative` don't matter.
    case coco
  }

  /// In which order pixels are counted.
  public var order: Order
  /// The number of the first pixel.
  public var base: Int
  /// How an empty mask is written.
  public var empty: String
  /// Whether a run's start is counted from the end of the run before it: the pixel right behind
  /// that run has the number `base`.
  public var relative: Bool
  /// How the numbers are written.
  public var form: Form
  /// What stands between the masks of one cell; nil where a cell has one mask.
  public var separator: String?

  /// A dialect; the defaults are those of the salt competition.
  public init(
    order: Order = .column, base: Int = 1, empty: String = "", relative: Bool = false,
    form: Form = .pairs, separator: String? = nil
  ) {
    self.order = order
    self.base = base
    self.empty = empty
    self.relative = relative
    self.form = form
    self.separator = separator
  }

  /// The run lengths of a mask, as few runs as possible, in order; `empty` for an empty mask.
  public func encode(_ mask: Mask) -> String {
    let scan = PixelOrder(form == .coco ? .column : order, width: mask.width, height: mask.height)
    let runs = scan.runs(of: mask)
    guard !runs.isEmpty else { return empty }
    guard form != .coco else { return COCOCounts(runs, pixels: mask.pixels.count).compressed }
    var end = 0
    var text = ""
    for run in runs {
      if !text.isEmpty { text += form == .list ? ", " : " " }
      let start = (relative ? run.lowerBound - end : run.lowerBound) &+ base
      text += "\(start)" + (form == .list ? ", " : " ") + "\(run.count)"
      end = run.upperBound
    }
    return form == .list ? "[\(text)]" : text
  }

  /// The run lengths of several masks in one cell, with `separator` between them; `empty` for none.
  /// Without a separator, at most one mask can be written.
  public func encode(_ masks: [Mask]) -> String {
    precondition(masks.count < 2 || separator != nil, "several masks in a cell need a separator")
    return masks.isEmpty ? empty : masks.map(encode).joined(separator: separator ?? "")
  }
}

/// The order in which pixels are counted, as steps through rows.
struct PixelOrder {
  private let outer: Int
  private let inner: Int
  private let outerStep: Int
  private let innerStep: Int

  init(_ order: RunLength.Order, width: Int, height: Int) {
    (outer, inner, outerStep, innerStep) =
      order == .row ? (height, width, width, 1) : (width, height, 1, width)
  }

  /// The runs of marked pixels, as few as possible, in order.
  func runs(of mask: Mask) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    mask.pixels.withUnsafeBufferPointer { pixels in
      var position = 0
      for i in 0..<outer {
        for j in 0..<inner {
          if pixels[i * outerStep + j * innerStep] == 0 {
            if let first = start { runs.append(first..<position) }
            start = nil
          } else if start == nil {
            start = position
          }
          position += 1
        }
      }
    }
    if let first = start { runs.append(first..<mask.pixels.count) }
    return runs
  }

  /// Marks runs, which must lie within the image.
  func mark(_ runs: [Range<Int>], in pixels: inout [UInt8]) {
    for run in runs {
      for position in run {
        pixels[position / inner * outerStep + position % inner * innerStep] = 1
      }
    }
  }
}

extension RunLength: Codable {
  private enum CodingKeys: String, CodingKey {
    case order, base, empty, relative, form, separator
  }

  /// Decodes a section; `relative`, `form` and `separator` may be missing.
  /// - Throws: `DecodingError` that lists the choices, or says what can't separate masks.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func choice<Value: RawRepresentable<String> & CaseIterable>(_ key: CodingKeys) throws -> Value {
      let name = try container.decode(String.self, forKey: key)
      guard let value = Value(rawValue: name) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container,
          debugDescription: "\"\(name)\" is not one of the choices: "
            + Value.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return value
    }
    order = try choice(.order)
    base = try container.decode(Int.self, forKey: .base)
    empty = try container.decode(String.self, forKey: .empty)
    relative = try container.decodeIfPresent(Bool.self, forKey: .relative) ?? false
    form = container.contains(.form) ? try choice(.form) : .pairs
    separator = try container.decodeIfPresent(String.self, forKey: .separator)
    if let separator, !form.allows(separator: separator) {
      throw DecodingError.dataCorruptedError(
        forKey: .separator, in: container,
        debugDescription: "\"\(separator)\" can stand within a mask, so it can't separate masks")
    }
  }

  /// Encodes every key, also those that were missing.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(order, forKey: .order)
    try container.encode(base, forKey: .base)
    try container.encode(empty, forKey: .empty)
    try container.encode(relative, forKey: .relative)
    try container.encode(form, forKey: .form)
    try container.encode(separator, forKey: .separator)
  }
}

extension RunLength.Form {
  /// Whether masks can be told apart by a separator: something of it never stands within a mask.
  func allows(separator: String) -> Bool {
    let own: (Character) -> Bool =
      switch self {
      case .pairs: { $0.isNumber || $0 == " " || $0 == "-" }
      case .list: { $0.isNumber || " -,[]()".contains($0) }
      case .coco: { ("0"..."o").contains($0) || " ,[]".contains($0) }
      }
    return !separator.allSatisfy(own)
  }
}
