// Pictures that lie in a file as plain numbers: where each number is, and rows of samples of them.

import Bytes

/// Where the numbers of a picture are, in bytes from the first one.
struct RawGrid {
  var type: SampleType
  /// Whether a number's first byte is its highest.
  var isBig: Bool
  var pages = 1
  var height: Int
  var width: Int
  var channels = 1
  /// Bytes from one to the next.
  var pageStep = 0
  var rowStep: Int
  var pixelStep: Int
  var channelStep: Int

  private static let mostPages = 1 << 20

  /// - Throws: `ReadingProblem` where all numbers together are more than may be in memory.
  func check(_ limits: DecodingOptions.Limits) throws {
    guard let count = byteCount, count / type.size <= limits.samples else {
      throw ReadingProblem("\(width) × \(height) pixels on \(pages) pages are more than are read")
    }
  }

  /// Bytes from the first to behind the last; nil beyond all bounds.
  var byteCount: Int? { product(pages, height, width, channels, type.size) }

  /// Channels interleaved, row after row, page after page.
  init(
    type: SampleType, isBig: Bool, pages: Int = 1, height: Int, width: Int, channels: Int = 1
  ) throws {
    self.type = type
    self.isBig = isBig
    self.pages = pages
    self.height = height
    self.width = width
    self.channels = channels
    channelStep = type.size
    pixelStep = 0
    rowStep = 0
    guard pages > 0, height > 0, width > 0, channels > 0 else {
      throw ReadingProblem("it has no pixels (\(width) × \(height))")
    }
    guard pages <= Self.mostPages else {
      throw ReadingProblem("\(pages) pages are more than are read")
    }
    guard byteCount != nil else {
      throw ReadingProblem("\(width) × \(height) pixels are more than are read")
    }
    pixelStep = channels * type.size
    rowStep = width * pixelStep
    pageStep = height * rowStep
  }
}

/// A picture of plain numbers.
final class RawSource: PictureSource {
  let format: ImageFormat
  private let grid: RawGrid
  private let values: StoredValues?
  private let isWhole: Bool
  private let load: () throws -> RawMemory
  private var memory: RawMemory?

  /// - Parameters:
  ///   - values: how numbers become values; nil where they are the values.
  ///   - isWhole: whether all numbers are in memory at once.
  ///   - load: gives the memory that begins with the first number; called once the size is found to be
  ///     within the limits.
  init(
    _ format: ImageFormat, _ grid: RawGrid, values: StoredValues? = nil, isWhole: Bool = false,
    load: @escaping () throws -> RawMemory
  ) {
    self.format = format
    self.grid = grid
    self.values = values
    self.isWhole = isWhole
    self.load = load
  }

  func layouts() throws -> [PageLayout] {
    let layout = PageLayout(
      width: grid.width, height: grid.height, channels: grid.channels,
      kind: values?.kind ?? grid.type.kind, bitDepth: values?.bits ?? 8 * grid.type.size,
      fullScale: values?.fullScale ?? grid.type.fullScale, isWhole: isWhole,
      bitsPerPixel: 8 * grid.type.size * grid.channels, ratio: .max)
    return [PageLayout](repeating: layout, count: grid.pages)
  }

  func reader(page: Int) throws -> any PageReader {
    let memory = try memory ?? load()
    self.memory = memory
    let count = grid.byteCount ?? .max
    guard memory.bytes.count >= count else { throw Self.tooShort(memory.bytes.count, count) }
    return RawReader(memory, page * grid.pageStep, grid, values)
  }

  /// What is said of a file whose pixels are not all there.
  static func tooShort(_ bytes: Int, _ wanted: Int) -> ReadingProblem {
    ReadingProblem(
      "the file ends too early: there are \(bytes) bytes of pixels, where \(wanted) belong")
  }
}

/// Gives the rows of a page of plain numbers.
private final class RawReader: PageReader {
  private let memory: RawMemory
  private let grid: RawGrid
  private let values: StoredValues?
  private var place: Int

  init(_ memory: RawMemory, _ place: Int, _ grid: RawGrid, _ values: StoredValues?) {
    self.memory = memory
    self.place = place
    self.grid = grid
    self.values = values
  }

  var rowsAtOnce: Int { 1 }

  func read(rows: Int, into target: UnsafeMutableRawBufferPointer) throws {
    let size = (values?.kind ?? grid.type.kind).size
    let isPlain =
      grid.channelStep == grid.type.size && grid.pixelStep == grid.channels * grid.type.size
    for row in 0..<rows {
      let source = memory.bytes.baseAddress! + place
      let samples = target.baseAddress! + row * grid.width * grid.channels * size
      if isPlain {
        copy(grid.width * grid.channels, source, grid.type.size, samples, 1)
      } else {
        for channel in 0..<grid.channels {
          copy(
            grid.width, source + channel * grid.channelStep, grid.pixelStep,
            samples + channel * size, grid.channels)
        }
      }
      place += grid.rowStep
    }
  }

  private func copy(
    _ count: Int, _ source: UnsafeRawPointer, _ step: Int, _ target: UnsafeMutableRawPointer,
    _ skip: Int
  ) {
    if let values {
      values.copy(
        count, from: source, step: step, isBig: grid.isBig, type: grid.type, to: target, skip: skip)
    } else {
      grid.type.copy(count, from: source, step: step, isBig: grid.isBig, to: target, skip: skip)
    }
  }
}
