// Neighbouring tiles for a page: put together as they lie.

import Imaging
public import Notebook

extension NeighbouringTiles {
  /// The images that have a neighbour, in order.
  public var images: [Int] { Set(pairs.flatMap { [$0.first, $0.second] }).sorted() }
}

extension ImageSet {
  /// Some of the pairs, each put together, by side; no gallery of a side without any.
  ///
  /// - Parameter count: of each side, at most.
  /// - Throws: `PNGError` where a picture can't be encoded.
  public func galleries(of neighbours: NeighbouringTiles, count: Int) throws -> [PictureGrid] {
    try [(NeighbouringTiles.Side.right, "Side by side"), (.below, "One above the other")]
      .compactMap { side, title in
        let pairs = evenly(count, of: neighbours.pairs.filter { $0.side == side })
        guard !pairs.isEmpty else { return nil }
        return PictureGrid(
          title: title, gallery: try pairs.map { try picture(of: $0) })
      }
  }

  private func picture(of pair: NeighbouringTiles.Pair) throws -> Picture {
    let (one, other) = (preview(pair.first).shown, preview(pair.second).shown)
    let isRight = pair.side == .right
    var values: [Float] = []
    if isRight {
      let row = one.width * one.channels
      for first in stride(from: 0, to: one.height * row, by: row) {
        values += one.values[first..<(first + row)]
        values += other.values[first..<(first + row)]
      }
    } else {
      values = one.values + other.values
    }
    let both = Plane(
      width: isRight ? 2 * one.width : one.width, height: isRight ? one.height : 2 * one.height,
      channels: one.channels, values: values)
    let names = [ids[pair.first], ids[pair.second]].map(\.shortened)
    return try Picture(
      Raster(both.fitting(Picture.longestSide)), label: names.joined(separator: " · "))
  }
}
