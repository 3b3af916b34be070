// What is typed behind `-S` of a sweep: which settings it comes to, and what is refused in which words.

import Foundation
import Pipeline
import Testing

@Suite struct SweepSpaceTests {
  let parameters: Parameters

  init() throws {
    parameters = try Parameters(
      yaml: """
        seed: 1
        train: {learning_rate: 2.0e-3, epochs: 20, optimizer: adamw, budget: null, loss: {bce: 1.0}}
        tta: none
        sizes: [1, 2]
        runtime: {threads: 0}
        """)
  }

  func space(_ assignments: String...) throws -> SweepSpace {
    try SweepSpace(assignments, in: parameters)
  }

  func grid(_ assignments: String...) throws -> [[String]] {
    try SweepSpace(assignments, in: parameters).grid()
  }

  @Test func theLastKeyOfAGridChangesFastest() throws {
    #expect(
      try grid("train.learning_rate=1e-3, 2e-3", "seed=1,2,3") == [
        ["1e-3", "1"], ["1e-3", "2"], ["1e-3", "3"], ["2e-3", "1"], ["2e-3", "2"], ["2e-3", "3"],
      ])
  }

  @Test(arguments: [
    ("sizes=[1, 2],[3]", ["[1, 2]", "[3]"]),
    ("train.optimizer='a,b',\"c, d\",it's", ["'a,b'", "\"c, d\"", "it's"]),
    ("train.budget=null,5m", ["null", "5m"]), ("tta=d4", ["d4"]), ("tta=../x/a..b", ["../x/a..b"]),
    ("seed=3..6", ["3", "4", "5", "6"]), ("seed=1..100:4", ["1", "34", "67", "100"]),
    ("seed=1..100:3:log", ["1", "10", "100"]), ("seed=1..3:9", ["1", "2", "3"]),
    ("train.learning_rate=1e-4..1e-2:3:log", ["0.0001", "0.001", "0.01"]),
    ("train.learning_rate=1e-4..1e-2:log:5", ["0.0001", "0.0003162", "0.001", "0.003162", "0.01"]),
    ("train.learning_rate=0..1:4", ["0.0", "0.3333", "0.6667", "1.0"]),
    ("train.learning_rate=-1..1:3", ["-1.0", "0.0", "1.0"]),
    ("train.learning_rate=0.99991..0.99999:3", ["0.99991", "0.99995", "0.99999"]),
  ])
  func values(_ assignment: String, _ values: [String]) throws {
    #expect(try grid(assignment) == values.map { [$0] })
  }

  @Test(arguments: [
    ("train.learningrate=1,2", "no such parameter"), ("train.learning_rate", "key=values"),
    ("train.learning_rate=1,,2", "a value is missing"),
    ("train.learning_rate=", "a value is missing"),
    ("seed=1,2,0x1", "the same value"), ("seed=[1,2", "never closed"),
    ("seed='1,2", "never closed"),
    ("seed=5..1", "less than the second"), ("seed=2..2", "less than the second"),
    ("seed=0..10:log", "above 0"), ("seed=1..10:lin", "means nothing"),
    ("seed=1..10:3:3", "means nothing"), ("seed=1..10:1", "from 2 to 1000"),
    ("seed=1..10:1001", "from 2 to 1000"), ("seed=1,2..4", "stands alone"),
    ("train.budget=10m..2h", "LOW..HIGH"), ("runtime.threads=1,2", "changes no result"),
    ("seed=1e999..2", "LOW..HIGH"), ("seed=-9223372036854775808..5", "LOW..HIGH"),
    ("train.learning_rate=-1e308..1e308:3", "too far"),
  ])
  func nonsenseIsRefused(_ assignment: String, _ words: String) throws {
    let said = message { _ = try space(assignment) }
    #expect(said?.contains(words) == true, "\(said ?? "nothing")")
  }

  @Test func whatCannotBeCountedIsNoGrid() throws {
    #expect(message { _ = try grid("train.learning_rate=0..1") }?.contains("say how many") == true)
    #expect(message { _ = try grid("seed=1..2000") }?.contains("say how many") == true)
    #expect(message { _ = try grid("seed=1..9:log") }?.contains(":3:log") == true)
    #expect(
      message { _ = try grid("seed=1..1000", "train.epochs=1..11") }?.contains("more than") == true)
    #expect(message { _ = try space("seed=1", "seed=2") }?.contains("given twice") == true)
    #expect(
      message { _ = try SweepSpace([], in: parameters) }?.contains("nothing is to be") == true)
  }

  @Test func whatIsDrawnIsAFunctionOfTheSeed() throws {
    let space = try space(
      "train.learning_rate=1e-4..1e-2:log", "train.epochs=5..8", "tta=none,hflip,d4")
    let drawn = try space.random(4, seed: 7)
    // As it was drawn once; another version must not draw others.
    #expect(drawn == Self.golden, "\(drawn)")
    #expect(try Array(space.random(9, seed: 7).prefix(4)) == drawn)
    #expect(try space.random(4, seed: 8) != drawn)
    for setting in try space.random(200, seed: 1) {
      let rate = try #require(Double(setting[0]))
      #expect((1e-4...1e-2).contains(rate) && ["5", "6", "7", "8"].contains(setting[1]))
    }
  }

  static let golden = [
    ["0.0007537", "8", "none"],
    ["0.009331", "7", "none"],
    ["0.0002135", "6", "hflip"],
    ["0.00138", "7", "hflip"],
  ]

  @Test func drawsAreSpreadOverTheRange() throws {
    let space = try space("train.learning_rate=1e-4..1e-2:log")
    // Each sixteenth of a range has one of every sixteen draws, whatever else is drawn beside.
    let even = try self.space("seed=0..15999", "train.epochs=1..100").random(48, seed: 5)
      .compactMap { Int($0[0]) }
    for block in 0..<3 {
      #expect(Set(even[(16 * block)..<(16 * block + 16)].map { $0 / 1000 }) == Set(0..<16))
    }
    #expect(even[..<16].map { $0 / 1000 } != even[16..<32].map { $0 / 1000 })
    let rates = try space.random(300, seed: 3).compactMap { Double($0[0]) }
    // By their logarithms, half of them lie below the middle.
    #expect((110...190).contains(rates.count { $0 < 1e-3 }))
    let whole = try self.space("seed=1..3", "train.epochs=1..100").random(300, seed: 3)
    for value in ["1", "2", "3"] { #expect((60...140).contains(whole.count { $0[0] == value })) }
  }

  @Test func noSettingIsDrawnTwice() throws {
    let space = try space("seed=1..3", "tta=a,b")
    #expect(Set(try space.random(6, seed: 1)).count == 6)
    #expect(message { _ = try space.random(7, seed: 1) }?.contains("only 6 settings") == true)
    #expect(message { _ = try space.random(0, seed: 1) }?.contains("from 1") == true)
    #expect(
      message { _ = try self.space("seed=1..9:3").random(2, seed: 1) }?.contains("leave it out")
        == true)
  }

  @Test func shufflingKeepsAllSettings() throws {
    let grid = try grid("seed=1..4", "train.epochs=1..4")
    let shuffled = SweepSpace.shuffled(grid, seed: 5)
    #expect(shuffled != grid && Set(shuffled) == Set(grid) && shuffled.count == 16)
    #expect(shuffled == SweepSpace.shuffled(grid, seed: 5))
    #expect(shuffled != SweepSpace.shuffled(grid, seed: 6))
  }
}
