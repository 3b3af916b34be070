// The rank on a final board, which the page of *evaluate* tells by a type of its own.

import Basics
import Datasets
import Foundation
import Scores
import Testing

@Suite struct BoardTests {
  private static let text =
    #"{"teams": 3219, "ranks": [[0.74, 2427], [0.79, 1987], [0.8, 1871], [0.85, 544], [0.896, 1]]}"#

  @Test func ranksAreThoseOfThePage() throws {
    let data = Data(Self.text.utf8)
    let board = try JSONDecoder().decode(Board.self, from: data)
    let page = try JSONDecoder().decode(Leaderboard.self, from: data)
    for step in 0...1000 {
      let score = Double(step) / 1000
      #expect(board.rank(of: score) == page.rank(of: score), "\(score)")
    }
    // Between 0.79 and 0.80: 1987 less six tenths of 116.
    #expect(board.rank(of: 0.796) == 1917)
    #expect(board.rank(of: 0.7) == nil && board.rank(of: 1) == 1)
  }

  @Test(arguments: [
    #"{"teams": 0, "ranks": [[0.1, 2], [0.2, 1]]}"#, #"{"teams": 3, "ranks": [[0.1, 2]]}"#,
    #"{"teams": 3, "ranks": [[0.2, 2], [0.1, 1]]}"#,
    #"{"teams": 3, "ranks": [[0.1, 1], [0.2, 2]]}"#,
    #"{"teams": 3, "ranks": [[0.1], [0.2, 2]]}"#, #"{"teams": 3}"#, "7",
  ])
  func aBoardThatIsNoneIsRefused(_ board: String) throws {
    let section = try JSONDecoder().decode(
      JSONValue.self, from: Data(#"{"columns": {"mask": "m"}, "leaderboard": \#(board)}"#.utf8))
    #expect(throws: InputError.self) { try SubmissionLayout(section) }
  }
}
