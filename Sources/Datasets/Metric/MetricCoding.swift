// The metric in params.yaml: a name, a section of unit, measure and rules, or a command.

import Basics

extension Metric {
  /// All names, in order, for messages.
  public static var choices: String { named.map(\.name).joined(separator: ", ") }

  private static func problem(_ name: String) -> String {
    "\"\(name)\" is not one of the choices: \(choices); or a section with unit, measure and empty, "
      + "or with command"
  }

  /// The metric of this name.
  /// - Throws: `SettingError` that lists the choices.
  public init(named name: String, setting: String) throws {
    guard let metric = Self.named.first(where: { $0.name == name })?.metric else {
      throw SettingError(setting: setting, problem: Self.problem(name))
    }
    self = metric
  }
}

extension Metric: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    static let unit = Key("unit")
    static let measure = Key("measure")
    static let beta = Key("beta")
    static let thresholds = Key("thresholds")
    static let empty = Key("empty")
    static let command = Key("command")
    static let all = [unit, measure, beta, thresholds, empty, command].map(\.stringValue)
  }

  /// Decodes a name, or a section in which only `measure` or `command` must be set.
  /// - Throws: `DecodingError` that lists the choices.
  public init(from decoder: any Decoder) throws {
    if let value = try? decoder.singleValueContainer(), let name = try? value.decode(String.self) {
      guard let metric = Self.named.first(where: { $0.name == name })?.metric else {
        throw DecodingError.dataCorruptedError(in: value, debugDescription: Self.problem(name))
      }
      self = metric
      return
    }
    let container = try decoder.container(keyedBy: Key.self)
    func refuse(_ key: Key, _ problem: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: problem)
    }
    // Here, since a section that has a name is encoded as this name, and a misspelt key would be
    // lost.
    for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue })
    where !Key.all.contains(key.stringValue) {
      throw refuse(
        key,
        "no such part of a metric; there are \(Key.all.joined(separator: ", "))"
          + Spelling.didYouMean(key.stringValue, among: Key.all))
    }
    func choice<Value: NamedChoice>(_ key: Key, _ usual: Value) throws -> Value {
      try container.decodeIfPresent(Value.self, forKey: key) ?? usual
    }
    let command = try container.decodeIfPresent(String.self, forKey: .command)
    if let command, let problem = MetricCommand.problem(of: command) {
      throw refuse(.command, problem)
    }
    let measure =
      try command == nil
      ? container.decode(Measure.self, forKey: .measure) : choice(.measure, Measure.dice)
    let beta = try container.decodeIfPresent(Double.self, forKey: .beta) ?? 1
    guard let betaHundredths = Self.hundredths(beta), (1...10_000).contains(betaHundredths) else {
      throw refuse(.beta, "\(beta) should be a multiple of 0.01 from 0.01 to 100")
    }
    var thresholds = Self.usualThresholds
    if let values = try container.decodeIfPresent([Double].self, forKey: .thresholds) {
      let whole = values.compactMap(Self.hundredths)
      guard !whole.isEmpty, whole.count == values.count, whole.allSatisfy((1...99).contains),
        zip(whole, whole.dropFirst()).allSatisfy(<)
      else {
        throw refuse(.thresholds, "should be multiples of 0.01 from 0.01 to 0.99, ascending")
      }
      thresholds = whole
    }
    self.init(
      unit: try choice(.unit, Unit.image), measure: measure, betaHundredths: betaHundredths,
      thresholds: thresholds, empty: try choice(.empty, EmptyRule.one), command: command)
  }

  private static func hundredths(_ value: Double) -> Int? {
    let whole = (value * 100).rounded()
    return abs(value * 100 - whole) < 1e-6 && abs(whole) < 1e6 ? Int(whole) : nil
  }

  /// Encodes the name, where there is one, or else the section with all its keys.
  public func encode(to encoder: any Encoder) throws {
    if let (name, _) = Self.named.first(where: { $0.metric == self }) {
      var container = encoder.singleValueContainer()
      try container.encode(name)
      return
    }
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(unit, forKey: .unit)
    try container.encode(measure, forKey: .measure)
    try container.encode(Double(betaHundredths) / 100, forKey: .beta)
    try container.encode(thresholds.map { Double($0) / 100 }, forKey: .thresholds)
    try container.encode(empty, forKey: .empty)
    try container.encode(command, forKey: .command)
  }
}
