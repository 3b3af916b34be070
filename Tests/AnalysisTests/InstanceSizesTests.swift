// How many instances are found, by their size.

import Analysis
import Datasets
import Testing

@Suite struct InstanceSizesTests {
  /// Ten instances of 10, 20 … 100 pixels in two images, each touched by a predicted one of its own size: the larger
  /// ones in more of their pixels.
  private func tally(_ areas: [Int], shared: (Int) -> Int) -> Tally {
    Tally(
      classes: [
        Tally.Counts(
          InstanceOverlaps(
            truth: areas, predicted: areas,
            pairs: areas.indices.map {
              .init(truth: $0, predicted: $0, pixels: shared(areas[$0]))
            }))
      ])
  }

  @Test func fiveGroupsFromSmallToLarge() throws {
    // 4 of 10 pixels shared is an IoU of 4 / 16, all of them 1.
    let tallies = [
      tally([100, 20, 30], shared: { $0 >= 50 ? $0 : 4 * $0 / 10 }),
      tally([10, 40, 50, 60, 70, 80, 90], shared: { $0 >= 50 ? $0 : 4 * $0 / 10 }),
    ]
    let bins = try #require(Evaluation.sizes(tallies))
    #expect(bins.map(\.least) == [10, 30, 50, 70, 90])
    #expect(bins.map(\.most) == [20, 40, 60, 80, 100])
    #expect(bins.map(\.instances) == [2, 2, 2, 2, 2])
    #expect(bins.map(\.found) == [0, 0, 1, 1, 1])
    #expect(bins.map(\.meanIoU) == [0.25, 0.25, 1, 1, 1])
  }

  @Test func instancesOfOneSizeStayTogether() throws {
    let bins = try #require(
      Evaluation.sizes([tally([5, 5, 5, 5, 5, 5, 5, 9], shared: { $0 })]))
    #expect(bins.map(\.instances) == [7, 1])
    #expect(Evaluation.sizes([Tally(Overlap(truth: 3, predicted: 3, intersection: 3))]) == nil)
    #expect(Evaluation.sizes([tally([], shared: { $0 })]) == nil)
  }
}
