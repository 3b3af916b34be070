// params.yaml: typing, errors with lines, overrides.

import Basics
import Pipeline
import Testing

@Suite struct ParametersTests {
  @Test func typesOfScalars() throws {
    let parameters = try Parameters(
      yaml:
        "a: 1\nb: 1.50\nc: 4.0e-3\nd: yes\ne: true\nf: ~\ng: '7'\nh: [1, x, null]\ni: 0x1F\nj: -.5\n"
        + "k: 12:30\nl: 2024-01-01\nm: \"\"\nn:\no: {}\np: 1_000\nq: 007\n")
    let expected: [(String, JSONValue)] = [
      ("a", .int(1)), ("b", .double(1.5)), ("c", .double(0.004)), ("d", .string("yes")),
      ("e", .bool(true)), ("f", .null), ("g", .string("7")),
      ("h", .array([.int(1), .string("x"), .null])),
      ("i", .int(31)), ("j", .double(-0.5)), ("k", .string("12:30")), ("l", .string("2024-01-01")),
      ("m", .string("")), ("n", .null), ("o", .object([])), ("p", .string("1_000")), ("q", .int(7)),
    ]
    for (key, value) in expected { #expect(parameters[key] == value, "\(key)") }
  }

  @Test(arguments: [
    ("a: 1\nb:\n  c: 1\n  c: 2\n", "params.yaml:3: the key “c” appears twice"),
    ("a: [1, 2\nb: 3\n", "params.yaml:2: not valid YAML"),
    ("a: .nan\n", "params.yaml:1: a: .nan is no finite number"),
    ("- 1\n", "params.yaml: should hold sections and keys"),
    ("a: &x {b: 1}\nc:\n  <<: *x\n", "params.yaml:3: merge keys"),
    ("a: *nowhere\n", "params.yaml"),
  ])
  func errorsNameTheLine(_ text: String, _ expected: String) {
    let error = message { _ = try Parameters(yaml: text) }
    #expect(error?.hasPrefix(expected) == true, "\(error ?? "no error")")
  }

  /// 380 bytes that stand for a hundred million values.
  @Test func aliasesOfAliasesAreRefused() {
    let text = (0..<8).map { level in
      let item = level == 0 ? "x" : "*a\(level - 1)"
      return "a\(level): &a\(level) [\(Array(repeating: item, count: 10).joined(separator: ","))]\n"
    }.joined()
    let error = message { _ = try Parameters(yaml: text) }
    #expect(error?.contains("more than 100000 values") == true, "\(error ?? "no error")")
  }

  @Test func keysThatHoldDotsAreFound() throws {
    let parameters = try Parameters(yaml: "unzip: {place: {train.zip: train, '*.csv': tables}}")
    #expect(parameters["unzip.place.train.zip"] == .string("train"))
    #expect(parameters["unzip.place.test.zip"] == nil)
  }

  @Test func overridesAreTyped() throws {
    var parameters = try Parameters(
      yaml: "train:\n  epochs: 20\n  rate: 1.0\n  tta: none\n  list: [1]\n  on: true\n  off: null\n"
    )
    try parameters.override("train.epochs=5")
    try parameters.override("train.rate=2")
    try parameters.override("train.tta=d4")
    try parameters.override("train.list=[2, 3]")
    try parameters.override("train.off=x=y")
    #expect(parameters["train.epochs"] == .int(5))
    #expect(parameters["train.rate"] == .double(2))
    #expect(parameters["train.list"] == .array([.int(2), .int(3)]))
    #expect(parameters["train.off"] == .string("x=y"))
    #expect(
      parameters.overridden
        == ["train.epochs", "train.list", "train.off", "train.rate", "train.tta"])
  }

  @Test(arguments: [
    (
      "train.epoch=5",
      "-S train.epoch: no such parameter in params.yaml; did you mean “train.epochs”?"
    ),
    (
      "train.epochs=many",
      "-S train.epochs=many: is text, but should be a whole number, as 20 is in params.yaml:2"
    ),
    ("train=5", "-S train: is a section; override one of its keys, as in -S train.epochs=…"),
    ("train.epochs", "-S train.epochs: should be key=value"),
    ("train.on=1", "-S train.on=1: is a whole number, but should be true or false"),
    ("train.epochs=[", "-S train.epochs: not valid YAML"),
    ("=5", "-S : no such parameter"),
  ])
  func badOverrides(_ text: String, _ expected: String) throws {
    var parameters = try Parameters(yaml: "train:\n  epochs: 20\n  on: true\n")
    let error = message { try parameters.override(text) }
    #expect(error?.hasPrefix(expected) == true, "\(error ?? "no error")")
  }

  @Test func canonicalTextIgnoresOrderAndSpelling() throws {
    let a = try Parameters(yaml: "m: {b: 1.0e-3, a: \"x\"}")
    let b = try Parameters(yaml: "m:\n  a: x\n  b: 0.001\n")
    #expect(a["m"]?.canonical == "{\"a\": \"x\", \"b\": 0.001}")
    #expect(a["m"]?.canonical == b["m"]?.canonical)
    #expect(JSONValue.string("1").canonical != JSONValue.int(1).canonical)
  }
}
