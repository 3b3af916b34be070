// Parameters into types: what is missing, misspelt or of another type is told by its key.

import Basics
import Foundation
import Notebook
import Testing
import Workbench

@Suite struct ParameterDecodingTests {
  struct Layer: Codable, Equatable {
    var width: Int
    var note: String?
  }
  struct Train: Codable, Equatable {
    var epochs: Int
    var rate: Double
    var name: String
    var last: Bool
    var layers: [Layer]
    var limits: [Double]
    var limit: Int?
    var inner: Layer?
    var place: [String: String]
  }

  let train = """
    {"epochs": 3, "rate": 1, "name": "x", "last": true, "layers": [{"width": 1}, {"width": 2, "note": null}],
     "limits": [0, 0.5], "limit": null, "inner": {"width": 4}, "place": {"*.csv": "tables", "a.b": "c"}}
    """

  func value(_ json: String) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
  }

  func decode<Value: Codable>(
    _ json: String, as type: Value.Type = Train.self, overridden: [String] = []
  )
    throws -> Value
  {
    try ParameterDecoding(key: "train", value: value(json), overridden: overridden).decode(type)
  }

  /// The message after a change to the text.
  func message(_ old: String, _ new: String, overridden: [String] = []) throws -> String {
    try #require(train.contains(old))
    let error = try #require(throws: StageFailure.self) {
      try decode(
        train.replacingOccurrences(of: old, with: new), as: Train.self, overridden: overridden)
    }
    #expect(error.exit == .badInput)
    return error.message
  }

  @Test func wholeNumbersAreNumbersAndNullIsNothing() throws {
    #expect(
      try decode(train)
        == Train(
          epochs: 3, rate: 1, name: "x", last: true, layers: [Layer(width: 1), Layer(width: 2)],
          limits: [0, 0.5], inner: Layer(width: 4), place: ["*.csv": "tables", "a.b": "c"]))
  }

  @Test func scalarsAndLists() throws {
    #expect(try decode("42", as: UInt64.self) == 42)
    #expect(try decode("[1, 2]", as: [Double].self) == [1, 2])
    #expect(try decode("null", as: Int?.self) == nil)
    #expect(try decode("\"a\"", as: String.self) == "a")
  }

  @Test(arguments: [
    ("\"epochs\": 3, ", "", "train.epochs is missing"),
    ("\"epochs\"", "\"epoch\"", "train.epochs is missing; did you mean “epoch”?"),
    ("{\"width\": 4}", "{}", "train.inner.width is missing"),
    ("{\"width\": 1}", "{}", "train.layers[0].width is missing"),
  ])
  func missingKeys(_ old: String, _ new: String, _ wanted: String) throws {
    #expect(try message(old, new) == "params.yaml: " + wanted)
  }

  @Test(arguments: [
    ("3", "\"many\"", "train.epochs is “many”, but should be a whole number"),
    ("3", "true", "train.epochs is true, but should be a whole number"),
    ("3", "null", "train.epochs is null, but should be a whole number"),
    ("\"rate\": 1", "\"rate\": \"1\"", "train.rate is “1”, but should be a number"),
    ("\"x\"", "7", "train.name is 7, but should be text"),
    ("true", "1", "train.last is 1, but should be true or false"),
    ("[0, 0.5]", "0.5", "train.limits is 0.5, but should be a list"),
    ("[0, 0.5]", "[0, [1]]", "train.limits[1] is a list, but should be a number"),
    (
      "\"width\": 2", "\"width\": {}",
      "train.layers[1].width is a section, but should be a whole number"
    ),
    ("{\"width\": 4}", "4", "train.inner is 4, but should be a section"),
    ("\"tables\"", "1", "train.place.*.csv is 1, but should be text"),
  ])
  func wrongTypes(_ old: String, _ new: String, _ wanted: String) throws {
    #expect(try message(old, new) == "params.yaml: " + wanted)
  }

  // Foundation's decoder calls these "not valid JSON" and doesn't say where.
  @Test func numbersThatTheirTypeCannotHold() throws {
    for number in ["3.5", "1e+30", "-0.25"] {
      let found = try message("\"epochs\": 3", "\"epochs\": \(number)")
      #expect(found == "params.yaml: train.epochs is \(number), but should be a whole number")
    }
    let nested = try message("\"width\": 2", "\"width\": 0.5")
    #expect(nested == "params.yaml: train.layers[1].width is 0.5, but should be a whole number")
    let error = try #require(throws: StageFailure.self) { try decode("-1", as: UInt64.self) }
    #expect(error.message == "params.yaml: train is -1, which is out of range")
  }

  @Test(arguments: [
    ("\"limit\"", "\"limlt\": 1, \"limit\"", "train.limlt"),
    ("\"limit\"", "\"limlt\"", "train.limlt"),  // null, and so no trace of what it should be
    ("{\"width\": 4}", "{\"width\": 4, \"Note\": \"n\"}", "train.inner.Note"),
    ("{\"width\": 1}", "{\"width\": 1, \"height\": 2}", "train.layers[0].height"),
    ("\"note\": null", "\"nota\": null", "train.layers[1].nota"),
  ])
  func misspeltKeysAreNeverIgnored(_ old: String, _ new: String, _ key: String) throws {
    #expect(try message(old, new).hasPrefix("params.yaml: \(key): no such parameter"))
  }

  @Test func misspeltKeyGetsTheNearestThatIsNotThere() throws {
    struct Defaults: Codable {
      var batch = 1
      var epochs = 2
      init() {}
      init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        batch = try values.decodeIfPresent(Int.self, forKey: .batch) ?? batch
        epochs = try values.decodeIfPresent(Int.self, forKey: .epochs) ?? epochs
      }
    }
    #expect(try decode("{\"batch\": 5}", as: Defaults.self).batch == 5)
    for (json, wanted) in [
      ("{\"epoch\": 5}", "train.epoch: no such parameter; did you mean “epochs”?"),
      ("{\"bacth\": null}", "train.bacth: no such parameter; did you mean “batch”?"),
      ("{\"epoch\": 5, \"epochs\": 5}", "train.epoch: no such parameter; misspelt?"),
      ("{\"colour\": 5}", "train.colour: no such parameter; misspelt?"),
    ] {
      let error = try #require(throws: StageFailure.self) { try decode(json, as: Defaults.self) }
      #expect(error.message == "params.yaml: " + wanted)
    }
  }

  @Test func whatTheCommandLineSetIsNotBlamedOnTheFile() throws {
    let found = try message("3", "\"many\"", overridden: ["train.epochs"])
    #expect(found == "-S train.epochs is “many”, but should be a whole number")
    let other = try message("3", "\"many\"", overridden: ["train.epoch"])
    #expect(other.hasPrefix("params.yaml: train.epochs"))
  }

  // MARK: Two spellings

  struct Spelt: Codable, Equatable {
    struct Part: Codable, Equatable {
      var cropScale: [Double]
      var lastOne: Int?
    }
    var learningRate: Double
    var weight_decay: Double
    var minimumAreas: [Int]?
    var parts: [Part]
    var place: [String: String]
  }

  let spelt = """
    {"learning_rate": 1, "weight_decay": 2, "minimum_areas": [1, 2],
     "parts": [{"crop_scale": [0.5], "last_one": 7}, {"crop_scale": []}],
     "place": {"a_b.zip": "c_d"}}
    """

  @Test func keysInParamsYAMLsSpellingAreReadIntoSwifts() throws {
    #expect(
      try decode(spelt, as: Spelt.self)
        == Spelt(
          learningRate: 1, weight_decay: 2, minimumAreas: [1, 2],
          parts: [.init(cropScale: [0.5], lastOne: 7), .init(cropScale: [], lastOne: nil)],
          place: ["a_b.zip": "c_d"]))
  }

  @Test(arguments: [
    (
      "\"learning_rate\"", "\"learning_rates\"",
      "train.learning_rate is missing; did you mean “learning_rates”?"
    ),
    (
      "\"learning_rate\": 1", "\"learning_rate\": \"x\"",
      "train.learning_rate is “x”, but should be a number"
    ),
    (
      "\"last_one\"", "\"lastone\"",
      "train.parts[0].lastone: no such parameter; misspelt?"
    ),
    (
      "\"crop_scale\": []", "\"crop_scale\": 1",
      "train.parts[1].crop_scale is 1, but should be a list"
    ),
  ])
  func messagesUseParamsYAMLsSpelling(_ old: String, _ new: String, _ message: String) throws {
    try #require(spelt.contains(old))
    let error = try #require(throws: StageFailure.self) {
      _ = try decode(spelt.replacingOccurrences(of: old, with: new), as: Spelt.self)
    }
    #expect(error.message == "params.yaml: \(message)")
  }
}
