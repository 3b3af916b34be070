// The rank on a final board.

import Basics
import Foundation
import Scores
import Testing

@Suite struct LeaderboardTests {
  private static let text =
    #"{"teams": 3219, "ranks": [[0.74, 2427], [0.79, 1987], [0.8, 1871], [0.85, 544], [0.896, 1]]}"#

  @Test func ranksAreBetweenTheKnownOnes() throws {
    let board = try JSONDecoder().decode(Leaderboard.self, from: Data(Self.text.utf8))
    // Between 0.79 and 0.80: 1987 less six tenths of 116.
    #expect(board.rank(of: 0.796) == 1917)
    #expect(board.rank(of: 0.74) == 2427 && board.rank(of: 0.85) == 544)
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
