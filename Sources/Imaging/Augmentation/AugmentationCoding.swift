// An augmentation as parameters: a list of names with their values. What is wrong is an error that names the entry,
// what is allowed, and what may have been meant.

import Basics

extension Augmentation: Codable {
  /// A step into the parameters: the name of a section's key, or the number of a list's entry.
  private struct Step: CodingKey {
    let stringValue: String
    let intValue: Int?
    init(stringValue: String) { (self.stringValue, intValue) = (stringValue, nil) }
    init(intValue: Int) { (stringValue, self.intValue) = ("\(intValue)", intValue) }
  }

  /// Reads a list of transforms.
  /// - Throws: `DecodingError.dataCorrupted` that names an entry or value that can't be used.
  public init(from decoder: any Decoder) throws {
    self.init()
    let path = decoder.codingPath
    switch try JSONValue(from: decoder) {
    case .array(let items):
      entries = try items.enumerated().map { number, item in
        try Self.entry(item, at: path + [Step(intValue: number)])
      }
    case .object(let section):
      entries = try FormerAugmentation.entries(section) { key, problem in
        Self.error(path + [Step(stringValue: key)], problem)
      }
    case let other:
      throw Self.error(
        path, "is \(other.kind), but should be a list of transforms, such as [hflip: {p: 0.5}]")
    }
    // A partner comes in as it is after its own changes.
    let mixing = entries.map { $0.transform is any MixingTransform }
    for (number, isMixing) in mixing.enumerated()
    where isMixing && mixing[number...].contains(false) {
      let name = type(of: entries[number].transform).name
      throw Self.error(
        path + [Step(intValue: number), Step(stringValue: name)],
        "\(name) mixes images that are done otherwise: put it at the end of the list")
    }
  }

  /// Writes every value of every transform.
  public func encode(to encoder: any Encoder) throws {
    try JSONValue.array(entries.map(\.json)).encode(to: encoder)
  }

  private static func entry(_ json: JSONValue, at path: [any CodingKey]) throws -> Entry {
    let form = "an entry is one name with its values behind it, as in “- hflip: {p: 0.5}”"
    guard case .object(let members) = json else {
      throw error(path, "is \(json.plainText): \(form)")
    }
    guard members.count == 1, let member = members.first else {
      throw error(path, "holds \(members.keys.joined(separator: " and ")): \(form)")
    }
    let all = transforms
    guard let type = all.first(where: { $0.name == member.key }) else {
      let names = all.map { $0.name }
      throw error(
        path + [Step(stringValue: member.key)],
        "there is no such transform"
          + ended(Spelling.didYouMean(member.key, among: names))
          + " There are \(names.joined(separator: ", "))")
    }
    guard case .object(let values) = member.value else {
      throw error(
        path + [Step(stringValue: member.key)],
        "holds \(member.value.plainText) and not values by name: \(form)")
    }
    return try type.entry(values) { key, problem in
      error(
        path + [Step(stringValue: member.key)] + (key.map { [Step(stringValue: $0)] } ?? []),
        problem)
    }
  }

  private static func error(_ path: [any CodingKey], _ problem: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: path, debugDescription: problem))
  }
}

/// The end of a sentence, with a full stop unless it asks.
private func ended(_ text: String) -> String { text.hasSuffix("?") ? text : text + "." }

extension Augmentation.Entry {
  /// As in params.yaml: a name with all its values.
  fileprivate var json: JSONValue { transform.json(p: p) }
}

extension Transform {
  fileprivate func json(p: Double) -> JSONValue {
    .object([
      .init(
        Self.name,
        .object([.init("p", .double(p))] + Self.fields.map { .init($0.name, $0.write(self)) }))
    ])
  }

  /// The transform with values of params.yaml; those that aren't there are the usual ones, the probability
  /// a half.
  /// - Parameter error: makes an error of a value's name and what is wrong with it.
  static func entry(
    _ values: [JSONValue.Member], error: (String?, String) -> DecodingError
  ) throws -> Augmentation.Entry {
    var transform = Self()
    var p = 0.5
    let fields = fields
    for member in values {
      if member.key == "p" {
        guard let number = member.value.number, (0...1).contains(number) else {
          throw error(
            "p", "is \(member.value.plainText), but should be a probability from 0 to 1")
        }
        p = number
        continue
      }
      guard let field = fields.first(where: { $0.name == member.key }) else {
        let names = ["p"] + fields.map(\.name)
        throw error(
          member.key,
          "\(name) has no such value" + ended(Spelling.didYouMean(member.key, among: names))
            + " It takes \(names.joined(separator: ", "))")
      }
      guard field.read(member.value, &transform) else {
        throw error(
          member.key, "is \(member.value.plainText), but should be \(field.allowed)")
      }
    }
    return Augmentation.Entry(transform, p: p)
  }
}
