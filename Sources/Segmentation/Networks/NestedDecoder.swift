// The decoder of U-Net++ (Zhou and others, 2018), `model.decoder: unet++`.

import Neural

extension UNetDecoder {
  /// Blocks between the encoder and the way up. With x(i, 0) the encoder's image of size i, the largest first,
  ///
  ///     x(i, j) = block(x(i + 1, j - 1) enlarged, x(i, 0), ..., x(i, j - 1)),
  ///
  /// so that the way up, the last block of each size, finds images that have been worked on. The filters are those that
  /// the U-Net's block of that size has; the last block, whose size the encoder has no image of, joins nothing.
  /// - Returns: the last block of each size, from the smallest on.
  func nestedBlocks(
    _ x: Network.Node, skips: [EncoderImage], sizes: [Shape], in net: inout Network
  ) -> [Network.Node] {
    let count = skips.count
    // By size, the largest first: what there is so far. The encoder's result is the smallest.
    var rows = skips.map { [$0.node] } + [[x]]
    // sizes[k] is that of the row count - k.
    for column in 1...count {
      for row in 0...(count - column) where column <= count - row {
        let level = count - 1 - row
        let below = enlarged(
          rows[row + 1][column - 1], from: sizes[level], to: sizes[level + 1], in: &net)
        rows[row].append(
          block(
            [below] + rows[row], filters: filters[level], name: "decoder.blocks.x_\(row)_\(column)",
            in: &net))
      }
    }
    var results = (0..<count).reversed().map { rows[$0][rows[$0].count - 1] }
    for level in count..<filters.count {
      let large = enlarged(
        results[level - 1], from: sizes[level], to: sizes[level + 1], in: &net)
      results.append(
        block([large], filters: filters[level], name: "decoder.blocks.\(level)", in: &net))
    }
    return results
  }
}
