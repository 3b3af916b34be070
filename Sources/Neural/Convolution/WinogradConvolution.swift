// Convolution of 3 x 3 taps by Winograd's minimal filtering: a quarter of the multiplications. Rows of
// input pass through a ring in scratch memory, and blocks of tiles through the transforms and one
// matrix product a frequency; all of a block stays in a core's L2 cache. Deep layers have too many
// frequencies of weights for a gradient an image, and add them up over the batch instead.

import CKernels

/// Weights in the gradient from which on it is added up over the batch.
private let batchThreshold = 40_000
/// Floats of a batch's frequencies that are added up at once; 768 KiB, most of a core's L2 cache.
private let gradientSize = 196_608
/// Floats or words of transformed weights that one image's few tiles are worth reading; 14 MiB.
private let transformedLimit = 3_670_016
private let side = WinogradKernels.side
/// The parts in which a large gradient is worked out, the longest first, and where each begins.
private let parts: [(bits: Int32, frequencies: Range<Int>)] = [
  (2, 6..<18), (4, 18..<30), (1, 0..<6), (8, 30..<36),
]

final class WinogradConvolution: ConvolutionOperation {
  private let kernels: WinogradKernels
  private let input: Shape
  private let output: Shape
  /// Tiles in a row of the image, and rows of tiles.
  private let across: Int
  private let down: Int
  /// Rows of tiles in a block, 1 where a row has more than one block.
  private let lines: Int
  private let isBatched: Bool
  /// Blocks of frequencies that a large gradient adds up at once.
  private let blocks: Int

  let forwardCount: Int
  let backwardCount: Int
  let scratchCount: Int
  let gradientCount: Int

  /// Whether the geometry is one of those that this way of computing is made for, and fast for.
  static func suits(_ geometry: ConvolutionGeometry, inBFloat16: Bool = false) -> Bool {
    let (input, output) = (geometry.input, geometry.output)
    guard geometry.kernel == 3, geometry.stride == 1, geometry.dilation == 1, geometry.groups == 1,
      geometry.padding == 1, input.channels >= 8, output.channels >= 8
    else { return false }
    // Words hold two numbers, and vectors of words eight or sixteen.
    if inBFloat16, input.channels % 8 != 0 || output.channels % 8 != 0 { return false }
    let tiles = count(output.height) * count(output.width)
    // Tiles that are mostly border save nothing.
    guard tiles * side * side <= 2 * output.pixels else { return false }
    return tiles >= WINOGRAD_TILES
      || 36 * input.channels * output.channels / (inBFloat16 ? 2 : 1) <= transformedLimit
  }

  /// Tiles along so many results.
  private static func count(_ results: Int) -> Int { (results + side - 1) / side }

  init(_ kernels: WinogradKernels, _ geometry: ConvolutionGeometry) {
    self.kernels = kernels
    input = geometry.input
    output = geometry.output
    across = Self.count(output.width)
    down = Self.count(output.height)
    lines = min(down, max(1, Int(WINOGRAD_TILES) / across))
    let (channels, filters) = (input.channels, output.channels)
    forwardCount = kernels.weightCount(channels, filters)
    backwardCount = kernels.weightCount(filters, channels)
    isBatched = geometry.taps * channels * filters > batchThreshold
    let transformed = kernels.gradientCount(channels, filters)
    gradientCount = isBatched ? transformed : geometry.taps * channels * filters

    let whole = kernels.block(WINOGRAD_ALL, channels) + kernels.block(WINOGRAD_ALL, filters)
    let longest = kernels.block(2, channels) + kernels.block(2, filters)
    blocks = max(1, gradientSize / longest)
    let ring = 6 * (side * across + 2)
    let rows = side * side * across
    let forward = max(
      ring * channels + rows * lines * filters, ring * filters + rows * lines * channels)
    let backward = ring * channels + rows * filters
    scratchCount =
      max(forward + whole, backward + (isBatched ? blocks * longest : whole + transformed)) + 128
  }

  func prepareForward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    let (channels, filters) = (input.channels, output.channels)
    kernels.pack(
      channels, filters, weights, tapStride: channels * filters, inStride: filters, outStride: 1,
      flip: false, into: prepared)
  }

  /// The gradient of the input is a convolution with taps reversed, inputs and filters exchanged.
  func prepareBackward(
    _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
  ) {
    let (channels, filters) = (input.channels, output.channels)
    kernels.pack(
      filters, channels, weights, tapStride: channels * filters, inStride: 1, outStride: filters,
      flip: true, into: prepared)
  }

  func forward(
    _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    relu: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    convolve(x, y, prepared, bias, relu ? 1 : 0, scratch)
  }

  func backwardData(
    _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    convolve(dy, dx, prepared, nil, 0, scratch)
  }

  private func convolve(
    _ x: Source, _ y: Sink, _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
    _ relu: Int32, _ scratch: UnsafeMutablePointer<Float>
  ) {
    var (y, room) = (y, Room(scratch))
    let (width, height) = (output.width, output.height)
    var ring = Ring(x, input, across, &room)
    let v = room.take(kernels.inputBlock(x.channels))
    let m = room.take(kernels.block(WINOGRAD_ALL, y.channels))
    for first in stride(from: 0, to: down, by: lines) {
      let lines = first..<min(first + lines, down)
      let rows = side * lines.lowerBound..<min(side * lines.upperBound, height)
      let result = y.begin(rows.lowerBound * width, scratch: room.next)
      for start in stride(from: 0, to: across, by: Int(WINOGRAD_TILES)) {
        let tiles = min(Int(WINOGRAD_TILES), across - start)
        for line in lines {
          if start == 0 { ring.load(line) }
          ring.transform(kernels, line, (line - first) * tiles, start, tiles, v)
        }
        var ahead = ck_ahead()
        let next = lines.lowerBound * across + start + lines.count * tiles
        ring.fetch(next..<(next + lines.count * tiles), &ahead)
        if start == 0 {
          y.fetch(rows.lowerBound * width..<(rows.lowerBound + rows.count) * width, &ahead)
        }
        kernels.multiply(
          tiles: lines.count * tiles, channels: x.channels, filters: y.channels, v, weights,
          into: m, &ahead)
        for line in lines {
          let pixel = side * (line - first) * width + side * start
          kernels.wide.call.winograd_result(
            (line - first) * tiles, tiles, y.channels, m, bias, relu, result.accumulate ? 1 : 0,
            result.pointer + pixel * result.pitch, width * result.pitch, result.pitch,
            height - side * line, width - side * start)
        }
      }
      y.end(result, rows.lowerBound * width, rows.count * width)
    }
  }

  // MARK: Gradients of weights

  var gradientParts: Int { isBatched ? parts.count : 1 }

  func gradientFinish() -> (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void {
    let (kernels, channels, filters) = (kernels, input.channels, output.channels)
    guard isBatched else { return { $1.update(from: $0, count: 9 * channels * filters) } }
    return { kernels.wide.call.winograd_taps(channels, filters, $0, $1, 0) }
  }

  func backwardWeights(
    _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var room = Room(scratch)
    let du = room.take(kernels.gradientCount(input.channels, output.channels))
    addUp(1, blocks: 1, WINOGRAD_ALL, { _ in x }, { _ in dy }, du, room)
    kernels.wide.call.winograd_taps(x.channels, dy.channels, du, dw, 1)
  }

  func backwardWeights(
    images: Int, _ x: (Int) -> Source, _ dy: (Int) -> Source, _ dw: UnsafeMutablePointer<Float>,
    part: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let part = parts[part]
    let from = part.frequencies.lowerBound * (gradientCount / 36)
    addUp(images, blocks: blocks, part.bits, x, dy, dw + from, Room(scratch))
  }

  /// The sum over all tiles of some images, for some of the frequencies.
  private func addUp(
    _ images: Int, blocks: Int, _ parts: Int32, _ x: (Int) -> Source, _ dy: (Int) -> Source,
    _ du: UnsafeMutablePointer<Float>, _ room: Room
  ) {
    guard images > 0 else { return }
    var room = room
    let (channels, filters) = (input.channels, output.channels)
    let inBlock = kernels.block(parts, channels)
    let outBlock = kernels.block(parts, filters)
    let tilesInBlock = kernels.sumTiles
    let v = room.take(blocks * inBlock)
    let w = room.take(blocks * outBlock)
    let (ringRoom, rowsRoom) = (room.take(Ring.count(input, across)), room.next)
    let capacity = blocks * tilesInBlock
    var (filled, accumulate) = (0, false)
    func add(_ ahead: ck_ahead) {
      var ahead = ahead
      kernels.addProducts(
        parts, tiles: filled, channels: channels, filters: filters, v, w, to: du,
        accumulate: accumulate, &ahead)
      (filled, accumulate) = (0, true)
    }
    for image in 0..<images {
      var ring = Ring(x(image), input, across, ringRoom)
      var rows = GradientRows(dy(image), output, across, rowsRoom)
      for line in 0..<down {
        ring.load(line)
        rows.load(line)
        var start = 0
        while start < across {
          // Tiles fill one block after the other, whatever row or image they are from.
          let (block, slot) = filled.quotientAndRemainder(dividingBy: tilesInBlock)
          let tiles = min(tilesInBlock - slot, across - start)
          ring.transform(kernels, line, parts, slot, start, tiles, v + block * inBlock)
          rows.transform(kernels, parts, slot, start, tiles, w + block * outBlock)
          start += tiles
          filled += tiles
          if filled == capacity {
            var ahead = ck_ahead()
            let next = line * across + start
            if blocks == 1 {
              ring.fetch(next..<(next + capacity), &ahead)
              rows.fetch(next..<(next + capacity), &ahead)
            }
            add(ahead)
          }
        }
      }
    }
    if filled > 0 { add(ck_ahead()) }
  }
}
