// Statistics against values worked out by hand and with NumPy/SciPy.

import Analysis
import Notebook
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

  @Test func spreadAndCorrelationInWords() {
    #expect(Statistics.Spread([]) == nil && Statistics.Correlation([], []) == nil)
    let spread = Statistics.Spread([3, 1, 2, 10])
    #expect(spread?.n == 4 && spread?.min == 1 && spread?.median == 2.5 && spread?.max == 10)
    #expect(
      "\(Statistics.Correlation([1, 2, 3], [2, 4, 6])!)" == "Pearson 1.000, Spearman 1.000; n = 3")
    #expect(
      "\(Statistics.Correlation([1, 2, 3], [5, 5, 5])!)"
        == "Pearson not defined, Spearman not defined; n = 3")
  }

  @Test func aCloudHasItsTrendAndTheBandStaysAboveNought() {
    let chart = Chart.scatter(
      [1, 2, 3, 4], [0, 4, 10, 12], meanOfBins: 2, title: "t", x: "x", y: "y")
    guard case .points(let x, _, _) = chart.layers[0],
      case .band(_, let low, let high, _) = chart.layers[1],
      case .line(let bins, let means, _) = chart.layers[2]
    else { return #expect(Bool(false)) }
    #expect(x == [1, 2, 3, 4] && bins == [1.5, 3.5] && means == [2, 11])
    // The error of the mean of 0 and 4 is 2, of 10 and 12 it is 1.
    #expect(zip(low, [0, 9]).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(zip(high, [6, 13]).allSatisfy { abs($0 - $1) < 1e-9 })
  }
}
