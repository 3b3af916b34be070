// Numbers as pages and logs write them.

import Testing
import Workbench

struct NumbersTests {
  @Test func percentagesForPeople() {
    #expect(
      [0, 0.3852, 1, 0.0012, 0.01, -0.5].map { percent($0) } == [
        "0.0 %", "38.5 %", "100.0 %", "0.12 %", "1.0 %", "-50.0 %",
      ])
    #expect(percent(1, of: 3) == "33.3 %" && percent(0, of: 0) == "0.0 %")
  }

  @Test func meansOfSome() {
    #expect(mean(of: [1, 2, 6], at: [0, 2]) == 3.5)
    #expect(mean(of: [], at: [0]) == nil && mean(of: [1], at: []) == nil)
  }
}
