// Winograd's way for the deepest layers of a network while it trains: images of one or a few tiles, and
// so many weights that transforming them and reading them again for each image takes longer than the
// product. Tiles of several images fill a block; the weights of a few filters are transformed into
// scratch memory, multiplied by all tiles of the batch, and forgotten. Filters are shared out among the
// workers in a fixed way.

import CKernels

private let side = WinogradKernels.side
/// Filters whose weights are transformed at once.
private let filtersAtOnce = 32
/// Channels times filters from which on this way is faster.
private let threshold = 150_000

/// The forward pass and the gradient of the input of one layer, for a whole batch.
final class WinogradBatch {
  /// Parts of the work, each with its own filters.
  static let items = 4

  private let kernels: WinogradKernels
  private let input: Shape
  private let output: Shape
  private let images: Int
  /// Tiles in a row of an image, rows of tiles, and images in a block of tiles.
  private let across: Int
  private let down: Int
  private let together: Int

  let scratchCount: Int

  /// Nil where the layer is none of those that this way is made for.
  init?(_ kernels: WinogradKernels, _ geometry: ConvolutionGeometry, images: Int) {
    let (input, output) = (geometry.input, geometry.output)
    let share = Self.items * filtersAtOnce
    across = (output.width + side - 1) / side
    down = (output.height + side - 1) / side
    let tiles = across * down
    guard geometry.kernel == 3, geometry.stride == 1, geometry.dilation == 1, geometry.groups == 1,
      geometry.padding == 1, input.channels % share == 0, output.channels % share == 0,
      input.channels * output.channels >= threshold, tiles * side * side <= 2 * output.pixels,
      2 * tiles <= WINOGRAD_TILES, tiles * images >= WINOGRAD_TILES
    else { return nil }
    self.kernels = kernels
    self.input = input
    self.output = output
    self.images = images
    together = Int(WINOGRAD_TILES) / tiles
    let blocks = (images + together - 1) / together
    let across = across
    scratchCount =
      [input, output].map { shape in
        Ring.count(shape, across) + blocks * kernels.inputBlock(shape.channels)
          + kernels.weightCount(shape.channels, filtersAtOnce)
      }.max()! + kernels.block(WINOGRAD_ALL, filtersAtOnce) + output.pixels * filtersAtOnce + 128
  }

  /// Part number `item` of y = x * w + bias, clamped at zero if `relu`, for all images.
  func forward(
    _ x: (Int) -> Source, _ y: (Int) -> Sink, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, relu: Bool, item: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let (channels, filters) = (input.channels, output.channels)
    convolve(x, y, channels, filters, bias, relu ? 1 : 0, item, scratch) { first, u in
      kernels.pack(
        channels, filtersAtOnce, weights + first, tapStride: channels * filters,
        inStride: filters, outStride: 1, flip: false, into: u)
    }
  }

  /// Part number `item` of the gradient of x, for all images.
  func backwardData(
    _ dy: (Int) -> Source, _ dx: (Int) -> Sink, weights: UnsafePointer<Float>, item: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (channels, filters) = (input.channels, output.channels)
    convolve(dy, dx, filters, channels, nil, 0, item, scratch) { first, u in
      kernels.pack(
        filters, filtersAtOnce, weights + first * filters, tapStride: channels * filters,
        inStride: 1, outStride: filters, flip: true, into: u)
    }
  }

  private func convolve(
    _ x: (Int) -> Source, _ y: (Int) -> Sink, _ channels: Int, _ filters: Int,
    _ bias: UnsafePointer<Float>?, _ relu: Int32, _ item: Int,
    _ scratch: UnsafeMutablePointer<Float>, pack: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    var room = Room(scratch)
    let shape = Shape(height: input.height, width: input.width, channels: channels)
    let ringRoom = room.take(Ring.count(shape, across))
    let block = kernels.inputBlock(channels)
    let v = room.take((images + together - 1) / together * block)
    let u = room.take(kernels.weightCount(channels, filtersAtOnce))
    let m = room.take(kernels.block(WINOGRAD_ALL, filtersAtOnce))
    let tiles = across * down
    for image in 0..<images {
      var ring = Ring(x(image), shape, across, ringRoom)
      let slot = image % together * tiles
      for line in 0..<down {
        ring.load(line)
        ring.transform(
          kernels, line, slot + line * across, 0, across, v + image / together * block)
      }
    }
    let share = filters / Self.items
    for filter in stride(from: item * share, to: (item + 1) * share, by: filtersAtOnce) {
      pack(filter, u)
      for first in stride(from: 0, to: images, by: together) {
        let count = min(together, images - first)
        var ahead = ck_ahead()
        kernels.multiply(
          tiles: count * tiles, channels: channels, filters: filtersAtOnce,
          v + first / together * block, u, into: m, &ahead)
        for image in 0..<count {
          var part = y(first + image).channels(filter, filtersAtOnce)
          result(image * tiles, m, bias.map { $0 + filter }, relu, &part, room.next)
        }
      }
    }
  }

  /// Transforms one image's tiles back.
  private func result(
    _ slot: Int, _ m: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, _ relu: Int32,
    _ y: inout Sink, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (width, height) = (output.width, output.height)
    let rows = y.begin(0, scratch: scratch)
    for line in 0..<down {
      kernels.wide.call.winograd_result(
        slot + line * across, across, filtersAtOnce, m, bias, relu, rows.accumulate ? 1 : 0,
        rows.pointer + side * line * width * rows.pitch, width * rows.pitch, rows.pitch,
        height - side * line, width)
    }
    y.end(rows, 0, width * height)
  }
}
