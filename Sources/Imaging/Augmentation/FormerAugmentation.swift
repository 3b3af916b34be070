// What params.yaml had before transforms were a list: a section of probabilities, of which each stands for a transform,
// and of values. It still works, as the list that does the same.

import Basics

/// The section of probabilities and values.
struct FormerAugmentation {
  /// A transform of the section: the key of its probability, and the values that it takes from the section, with what
  /// they are where the section has none.
  private struct Row {
    var key: String
    var type: any Transform.Type
    var values: [Value] = []
  }

  private struct Value {
    var name: String
    var key: String
    var usual: JSONValue
  }

  private static let border = Value(name: "border", key: "border", usual: .string("reflect"))

  /// In the order in which they were applied.
  private static let rows = [
    Row(key: "hflip", type: HorizontalFlip.self),
    Row(key: "vflip", type: VerticalFlip.self),
    Row(
      key: "crop", type: RandomSizedCrop.self,
      values: [Value(name: "scale", key: "crop_scale", usual: .array([.double(0.7), .double(1)]))]),
    Row(
      key: "affine", type: ShiftScaleRotate.self,
      values: [
        Value(name: "shift", key: "shift", usual: .double(0.05)),
        Value(name: "scale", key: "scale", usual: .double(0.1)),
        Value(name: "rotate", key: "rotate", usual: .double(10)), border,
      ]),
    Row(
      key: "elastic", type: Elastic.self,
      values: [
        Value(name: "deviation", key: "elastic_deviation", usual: .double(3)),
        Value(name: "cells", key: "elastic_cells", usual: .int(4)), border,
      ]),
    Row(
      key: "light", type: BrightnessContrast.self,
      values: [
        Value(name: "brightness", key: "brightness", usual: .double(0.1)),
        Value(name: "contrast", key: "contrast", usual: .double(0.1)),
      ]),
  ]

  /// The transforms of a section, without those whose probability is 0 or isn't there.
  /// - Parameter error: makes an error of a key of the section and what is wrong with it.
  static func entries(
    _ section: [JSONValue.Member], error: (String, String) -> DecodingError
  ) throws -> [Augmentation.Entry] {
    let keys = Set(rows.flatMap { [$0.key] + $0.values.map(\.key) }).sorted()
    if let unknown = section.first(where: { !keys.contains($0.key) }) {
      throw error(
        unknown.key,
        "is no key of an augmentation"
          + (Spelling.nearest(to: unknown.key, among: keys).map { "; did you mean “\($0)”?" } ?? ".")
          + " This section takes \(keys.joined(separator: ", ")); a list of transforms can do more, such as [hflip: {p: 0.5}]"
      )
    }
    return try rows.compactMap { row in
      let values = row.values.map { JSONValue.Member($0.name, section[$0.key] ?? $0.usual) }
      let p = JSONValue.Member("p", section[row.key] ?? .int(0))
      let entry = try row.type.entry([p] + values) { name, problem in
        error(row.values.first { $0.name == name }?.key ?? row.key, problem)
      }
      return entry.p == 0 ? nil : entry
    }
  }
}
