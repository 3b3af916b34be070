// Tiles cut out of one picture are found again, and nothing else; those of a pair share a fold.

import Datasets
import Foundation
import Imaging
import Testing

@Suite struct NeighbouringTilesTests {
  /// Noise, smoothed, so that borders have texture and steps across them are those of a picture.
  private static func picture(width: Int, height: Int, channels: Int, seed: UInt64) -> Plane {
    var generator = SeededGenerator(seed: seed, "picture")
    var values = (0..<(width * height * channels)).map { _ in Float(generator.uniform()) }
    for _ in 0..<8 {
      let before = values
      for y in 0..<height {
        for x in 0..<width {
          for c in 0..<channels {
            func at(_ y: Int, _ x: Int) -> Float {
              before[
                (min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)) * channels + c]
            }
            values[(y * width + x) * channels + c] =
              [at(y, x), at(y, x), at(y - 1, x), at(y + 1, x), at(y, x - 1), at(y, x + 1)].reduce(
                0, +)
              / 6
          }
        }
      }
    }
    // Smoothing takes contrast, which is given back.
    return Plane(
      width: width, height: height, channels: channels,
      values: values.map { min(max((6 * ($0 - 0.5)) + 0.5, 0), 1) })
  }

  private static func tile(_ plane: Plane, x: Int, y: Int, width: Int, height: Int) -> Plane {
    let c = plane.channels
    var values: [Float] = []
    for row in y..<(y + height) {
      let first = (row * plane.width + x) * c
      values += plane.values[first..<(first + width * c)]
    }
    return Plane(width: width, height: height, channels: c, values: values)
  }

  /// Nine tiles of one picture, a tile of another, a blank one, and one of another size, in an order of their own.
  private static func tiles(channels: Int) -> ImageSet {
    let (width, height) = (61, 53)
    let whole = picture(width: 3 * width, height: 3 * height, channels: channels, seed: 1)
    var images: [(String, Plane)] = []
    for row in 0..<3 {
      for column in 0..<3 {
        images.append(
          (
            "t\(row)\(column)",
            tile(whole, x: column * width, y: row * height, width: width, height: height)
          ))
      }
    }
    images.append(("other", picture(width: width, height: height, channels: channels, seed: 2)))
    images.append(
      (
        "blank",
        Plane(
          width: width, height: height, channels: channels,
          values: [Float](repeating: 0.5, count: width * height * channels))
      ))
    images.append(("small", picture(width: 12, height: 12, channels: channels, seed: 3)))
    images.sort { ($0.0.hashed, $0.0) < ($1.0.hashed, $1.0) }
    return ImageSet(
      ids: images.map(\.0), images: images.map(\.1),
      masks: images.map { Mask(width: $0.1.width, height: $0.1.height) })
  }

  @Test(arguments: [1, 3], [1, 4]) func neighboursAreFound(channels: Int, threads: Int) throws {
    let set = Self.tiles(channels: channels)
    let found = try NeighbouringTiles(in: set, threads: threads)
    let names = Set(
      found.pairs.map {
        "\(set.ids[$0.first]) \($0.side == .right ? ">" : "v") \(set.ids[$0.second])"
      })
    var expected: Set<String> = []
    for row in 0..<3 {
      for column in 0..<3 {
        if column < 2 { expected.insert("t\(row)\(column) > t\(row)\(column + 1)") }
        if row < 2 { expected.insert("t\(row)\(column) v t\(row + 1)\(column)") }
      }
    }
    #expect(names == expected)
    #expect(found.images.count == 9)
    #expect(found.pairs == found.pairs.sorted { $0.first < $1.first })
    #expect(NeighbouringTiles.comparisons(in: set) == 2 * 10)
    #expect(
      try set.galleries(of: found, count: 2).map(\.title) == [
        "Side by side", "One above the other",
      ])
  }

  /// Pictures that have nothing to do with each other, and too few to tell.
  @Test func chanceMakesNoNeighbours() throws {
    let images = (0..<60).map {
      Self.picture(width: 56, height: 56, channels: 1, seed: UInt64(100 + $0))
    }
    let set = ImageSet(ids: images.indices.map { "i\($0)" }, images: images)
    #expect(try NeighbouringTiles(in: set).pairs.isEmpty)
    let two = ImageSet(ids: ["a", "b"], images: Array(images[..<2]))
    #expect(try NeighbouringTiles(in: two).pairs.isEmpty)
  }

  @Test func neighboursShareAFold() throws {
    let set = Self.tiles(channels: 1)
    let pairs = try NeighbouringTiles(in: set).pairs.map { ($0.first, $0.second) }
    let folds = try Folds(of: set, FoldSettings(count: 2), seed: 7, pairs: pairs)
    let tiles = Set(set.ids.indices.filter { set.ids[$0].hasPrefix("t") })
    let held = try (0..<2).map { try Set(folds.images(of: $0, in: set)) }
    #expect(held.contains { $0.isSuperset(of: tiles) })
    let apart = try Folds(of: set, FoldSettings(count: 2), seed: 7)
    #expect(
      try (0..<2).allSatisfy { try !Set(apart.images(of: $0, in: set)).isSuperset(of: tiles) })
  }
}

extension String {
  fileprivate var hashed: Int { utf8.reduce(7) { ($0 * 31 + Int($1)) % 101 } }
}
