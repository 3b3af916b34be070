// Statistics against values worked out by hand and with NumPy/SciPy.

import Analysis
import Testing

@Suite struct StatisticsTests {
  // scipy.stats.pearsonr/spearmanr([1,2,3,4,5,6], [2,1,4,3,7,5])
  let x: [Double] = [1, 2, 3, 4, 5, 6]
  let y: [Double] = [2, 1, 4, 3, 7, 5]

  @Test func correlationsAgreeWithSciPy() throws {
    #expect(abs(try #require(Statistics.pearson(x, y)) - 0.7917946548886297) < 1e-12)
    #expect(abs(try #require(Statistics.spearman(x, y)) - 0.8285714285714287) < 1e-12)
  }

  @Test func tiesShareTheirMeanRank() {
    #expect(Statistics.ranks([10, 20, 20, 5]) == [2, 3.5, 3.5, 1])
  }

  @Test func nothingToCorrelate() {
    #expect(Statistics.pearson([1, 1, 1], [1, 2, 3]) == nil)
    #expect(Statistics.pearson([1], [1]) == nil)
    #expect(Statistics.spearman([], []) == nil)
  }

  @Test func quantilesInterpolate() {
    #expect(Statistics.quantile([4, 1, 3, 2], 0.5) == 2.5)
    #expect(Statistics.quantile([4, 1, 3, 2], 0) == 1)
    #expect(Statistics.quantile([4, 1, 3, 2], 1) == 4)
    #expect(Statistics.quantile([], 0.5) == nil)
  }

  @Test func binsHoldEquallyManyAndEverySampleOnce() {
    let bins = Statistics.binnedMeans([3, 1, 2, 4, 5], [30, 10, 20, 40, 50], bins: 2)
    #expect(bins.map(\.count) == [2, 3])
    #expect(bins.map(\.mean) == [15, 40])
    #expect(bins.map(\.x) == [1.5, 4])
    #expect(Statistics.binnedMeans([1, 2], [1, 2], bins: 9).map(\.count) == [1, 1])
  }
}
