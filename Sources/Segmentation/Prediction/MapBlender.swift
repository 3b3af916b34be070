// The windows of one image put together: each counts by a bell curve around its middle, since a network
// knows least at a window's border (Isensee et al., nnU-Net, 2021).

import Datasets
import Foundation
import Imaging

/// Adds up an image's windows.
struct MapBlender {
  private let size: ImageSize
  private let channels: Int
  private let side: Int
  private let bell: [Float]
  private var sums: [Float]
  private var columnWeights: [Float]
  private var rowWeights: [Float]
  private var seenColumns: Set<Int> = []
  private var seenRows: Set<Int> = []

  init(_ size: ImageSize, side: Int, channels: Int) {
    self.size = size
    self.side = side
    self.channels = channels
    // A standard deviation of an eighth of the side, and never so little that it vanishes.
    bell = (0..<side).map { place in
      let distance = (Double(place) + 0.5 - Double(side) / 2) / (Double(side) / 8)
      return Float(max(exp(-distance * distance / 2), 1e-3))
    }
    sums = [Float](repeating: 0, count: size.pixels * channels)
    columnWeights = [Float](repeating: 0, count: size.width)
    rowWeights = [Float](repeating: 0, count: size.height)
  }

  /// Adds a window's probabilities, [side, side, channels].
  mutating func add(_ values: [Float], at window: ImageWindow) {
    // The windows are a grid, so that the weight of a pixel is a product of one by column and one by row.
    if seenColumns.insert(window.x).inserted {
      for place in 0..<side where size.contains(column: window.x + place) {
        columnWeights[window.x + place] += bell[place]
      }
    }
    if seenRows.insert(window.y).inserted {
      for place in 0..<side where size.contains(row: window.y + place) {
        rowWeights[window.y + place] += bell[place]
      }
    }
    let left = max(0, -window.x)
    let right = min(side, size.width - window.x)
    values.withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        for row in 0..<side where size.contains(row: window.y + row) {
          var from = (row * side + left) * channels
          var to = ((window.y + row) * size.width + window.x + left) * channels
          for column in left..<right {
            let weight = bell[row] * bell[column]
            for _ in 0..<channels {
              sums[to] += weight * values[from]
              to += 1
              from += 1
            }
          }
        }
      }
    }
  }

  /// The weighted means, [height, width, channels].
  consuming func plane() -> Plane {
    let (size, channels) = (size, channels)
    let (columns, rows) = (columnWeights, rowWeights)
    sums.withUnsafeMutableBufferPointer { sums in
      for y in 0..<size.height {
        for x in 0..<size.width {
          let share = 1 / (rows[y] * columns[x])
          let at = (y * size.width + x) * channels
          for channel in 0..<channels { sums[at + channel] *= share }
        }
      }
    }
    return Plane(width: size.width, height: size.height, channels: channels, values: sums)
  }
}

extension ImageSize {
  fileprivate func contains(column: Int) -> Bool { column >= 0 && column < width }
  fileprivate func contains(row: Int) -> Bool { row >= 0 && row < height }
}
