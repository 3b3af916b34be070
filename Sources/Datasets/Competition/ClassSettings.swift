// The classes of a competition: the section `competition.classes` of params.yaml.

import Basics
import Imaging

/// What the classes are called, and how label maps number them.
public struct ClassSettings: Codable, Sendable, Equatable {
  /// The names, in the order of the network's outputs.
  public var names: [String]
  /// The value of each class in label maps; null: 0, 1, 2 …
  public var values: [Int]?
  /// The value in label maps of pixels that count for nothing; null: there is none.
  public var ignore: Int?
  /// The colour of each class in label maps, as [red, green, blue] of 0...255; null: their values count.
  public var colors: [[Int]]?
  /// The colours of pixels that count for nothing; null: there is none.
  public var ignoreColors: [[Int]]?
  /// What each class counts in the loss; null: all the same.
  public var weights: ClassWeights?

  /// The class of each value of a label map; 255 where it counts for nothing.
  var classOfValue: [Int: UInt8] {
    var classes: [Int: UInt8] = [:]
    for (index, value) in (values ?? Array(names.indices)).enumerated() {
      classes[value] = UInt8(index)
    }
    if let ignore { classes[ignore] = Truth.ignored }
    return classes
  }

  /// Refuses what doesn't go together.
  /// - Throws: `SettingError`.
  func check(_ kind: TargetKind) throws {
    let section = "competition.classes"
    try SettingError.check(
      (1...64).contains(names.count), "\(section).names", "should be from 1 to 64 names")
    try SettingError.check(
      Set(names).count == names.count && !names.contains(""), "\(section).names",
      "should be different names, none of them empty")
    if let values {
      try SettingError.check(
        values.count == names.count && Set(values).count == values.count, "\(section).values",
        "should be \(names.count) different values, one a name")
      try SettingError.check(
        ignore.map { !values.contains($0) } ?? true, "\(section).ignore",
        "is the value of a class, too")
    } else if let ignore {
      try SettingError.check(
        !names.indices.contains(ignore), "\(section).ignore",
        "is \(ignore), the value of the class \(names.indices.contains(ignore) ? names[ignore] : "") as well"
      )
    }
    try checkColours(section, kind)
    if case .each(let weights)? = weights {
      try SettingError.check(
        weights.count == names.count && weights.allSatisfy { $0 >= 0 && $0.isFinite }
          && weights.contains { $0 > 0 }, "\(section).weights",
        "should be \(names.count) numbers, none negative and not all 0; or balanced")
    }
  }
}

extension ClassSettings {
  fileprivate func checkColours(_ section: String, _ kind: TargetKind) throws {
    guard let colors else {
      return try SettingError.check(
        ignoreColors == nil, "\(section).ignore_colors",
        "needs colors, too: a colour for each of the names")
    }
    try SettingError.check(
      kind == .labels, "\(section).colors",
      "are for label maps: competition.kind is \(kind.rawValue), should be labels")
    try SettingError.check(
      colors.count == names.count, "\(section).colors",
      "are \(colors.count), should be \(names.count), one a name")
    let all = colors + (ignoreColors ?? [])
    try SettingError.check(
      all.allSatisfy { $0.count == 3 && $0.allSatisfy((0...255).contains) }, "\(section).colors",
      "should be lists of red, green and blue, from 0 to 255, such as [[128, 64, 128], [0, 0, 192]]"
    )
    if let twice = all.first(where: { colour in all.count { $0 == colour } > 1 }) {
      throw SettingError(
        setting: "\(section).colors", problem: "has \(twice) twice, or in ignore_colors as well")
    }
  }
}

/// What classes count in the loss.
public enum ClassWeights: Codable, Sendable, Equatable {
  /// The rarer, the more: by the median frequency over each one's own (Eigen and Fergus, 2015).
  case balanced
  /// These numbers.
  case each([Float])

  /// Reads "balanced" or a list.
  /// - Throws: `DecodingError` that names both.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let name = try? container.decode(String.self), name == "balanced" {
      self = .balanced
    } else if let weights = try? container.decode([Float].self) {
      self = .each(weights)
    } else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "should be balanced, or a list with a number for each class")
    }
  }

  /// Writes what was read.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .balanced: try container.encode("balanced")
    case .each(let weights): try container.encode(weights)
    }
  }
}

/// Which pixels of a mask's file are marked.
public enum MaskReading: Codable, Sendable, Equatable {
  /// All that aren't 0.
  case nonzero
  /// Those above half of full scale, as in masks that were saved as JPEG.
  case aboveHalf
  /// Those whose alpha is above half.
  case alpha
  /// Those of a value.
  case value(Double)

  /// How the reader of pictures calls it.
  var marking: Marking {
    switch self {
    case .nonzero: .nonzero
    case .aboveHalf: .above(0.5)
    case .alpha: .alpha
    case .value(let value): .value(value)
    }
  }

  private static let names: [(String, MaskReading)] = [
    ("nonzero", .nonzero), ("above-half", .aboveHalf), ("alpha", .alpha),
  ]

  /// Reads a name, or a number.
  /// - Throws: `DecodingError` that lists the choices.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Double.self) {
      self = .value(value)
      return
    }
    let name = try container.decode(String.self)
    guard let (_, reading) = Self.names.first(where: { $0.0 == name }) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription:
          "\"\(name)\" is not one of the choices: nonzero, above-half, alpha, or a value such as 255"
      )
    }
    self = reading
  }

  /// Writes what was read.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if case .value(let value) = self {
      try container.encode(value)
    } else {
      try container.encode(Self.names.first { $0.1 == self }?.0 ?? "nonzero")
    }
  }
}
