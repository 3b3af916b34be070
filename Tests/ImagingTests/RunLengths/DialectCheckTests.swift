// Wrong dialects are found by masks that are known, and by run lengths alone as far as they tell.

import Imaging
import Testing

@Suite struct DialectCheckTests {
  /// Discs at places of their own, some cut by the image's edge; every fourth mask is empty.
  private func mask(_ index: Int, width: Int, height: Int) -> Mask {
    var generator = SeededGenerator(seed: 2, "disc", "\(index)")
    let (x, y) = (
      generator.uniform(in: 0...Double(width)), generator.uniform(in: 0...Double(height))
    )
    let radius = index % 4 == 3 ? 0 : generator.uniform(in: 3...8)
    return Mask(
      width: width, height: height,
      pixels: (0..<(width * height)).map {
        let (dx, dy) = (Double($0 % width) - x, Double($0 / width) - y)
        return dx * dx + dy * dy < radius * radius ? 1 : 0
      })
  }

  private func examples(_ dialect: RunLength, width: Int, height: Int)
    -> [DialectCheck.Example]
  {
    (0..<12).map {
      let mask = mask($0, width: width, height: height)
      return .init(text: dialect.encode(mask), mask: mask)
    }
  }

  @Test(arguments: RunLengthDialectTests.dialects.filter { $0.empty == "" })
  func theRightDialectIsFound(_ truth: RunLength) {
    let examples = examples(truth, width: 24, height: 24)
    #expect(DialectCheck(of: truth, examples: examples).message == nil)
    for dialect in RunLength.dialects(of: .pairs) where dialect != truth {
      let check = DialectCheck(of: dialect, examples: examples)
      #expect(check.marked == 9)
      #expect(check.best == [truth] || truth.form == .coco)
      #expect(check.suggestion?.form == truth.form)
      #expect(check.message?.contains("all do") == true)
    }
  }

  @Test func messagesSayWhatToSet() {
    let rows = examples(RunLength(order: .row), width: 24, height: 24)
    #expect(
      DialectCheck(of: RunLength(), examples: rows).message
        == "0 of 9 marked masks agree; with order: row all do")
    let zero = examples(RunLength(base: 0), width: 24, height: 24)
    #expect(
      DialectCheck(of: RunLength(), examples: zero).message
        == "0 of 9 marked masks agree; with base: 0 all do")
    let empty = examples(RunLength(empty: "-1"), width: 24, height: 24)
    let check = DialectCheck(of: RunLength(), examples: empty)
    #expect(
      check.message
        == "empty masks are written as “-1”: set empty: \"-1\" (with the quotes)")
    #expect(check.suggestion == RunLength(empty: "-1"))
    let coco = examples(RunLength(empty: "Pb0", form: .coco), width: 24, height: 24)
    #expect(DialectCheck(of: RunLength(), examples: coco).suggestion == RunLength(form: .coco))
    let wrong = zip(rows, rows.dropFirst()).map {
      DialectCheck.Example(text: $0.text, mask: $1.mask)
    }
    #expect(DialectCheck(of: RunLength(), examples: wrong).suggestion == nil)
  }

  @Test(arguments: RunLength.dialects(of: .pairs) + RunLength.dialects(of: .list))
  func smoothnessTellsTheOrderInImagesThatAreNotSquare(_ truth: RunLength) {
    let cells = (0..<40).map { index in
      DialectGuess.Example(
        text: truth.encode(mask(index, width: 40, height: 24)), width: 40, height: 24)
    }
    let guess = DialectGuess(examples: cells)
    #expect(guess.dialect == truth)
    #expect(guess.unreadable == 0 && guess.marked == 30)
  }

  @Test func whatCannotBeToldIsSaid() {
    // A square in the midst of a square image: any order, either base.
    let square = Mask(
      width: 20, height: 20,
      pixels: (0..<400).map { (5..<12).contains($0 % 20) && (6..<12).contains($0 / 20) ? 1 : 0 })
    let text = RunLength(order: .row).encode(square)
    let guess = DialectGuess(examples: [.init(text: text, width: 20, height: 20)])
    #expect(guess.undecided.contains { $0.hasPrefix("base:") })
    #expect(guess.undecided.contains { $0.hasPrefix("order:") })
    #expect(guess.dialect == RunLength())
    // The picture tells which of the two reflections it is.
    let seen = DialectGuess(
      examples: [.init(text: text, width: 20, height: 20, picture: Plane(square))])
    #expect(seen.dialect.order == .row)
  }

  @Test func emptyTokensAndOtherFormsAreSeen() {
    let cells = ["nan", "11110O30", "nan"].map {
      DialectGuess.Example(text: $0, width: 4, height: 3)
    }
    let guess = DialectGuess(examples: cells)
    #expect(guess.dialect == RunLength(empty: "nan", form: .coco))
    #expect(guess.marked == 1 && guess.unreadable == 0)
    let blank = ["", " ", "1 2"].map { DialectGuess.Example(text: $0, width: 4, height: 3) }
    #expect(DialectGuess(from: RunLength(empty: "x"), examples: blank).dialect.empty == "")
  }
}
