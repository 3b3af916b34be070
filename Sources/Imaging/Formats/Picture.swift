// An opened picture: the pages that are wanted, checked against each other and the limits, read into
// one array or in bands of rows.

import Bytes

/// A file of a known format with the choices of its reading.
struct Picture {
  let header: ImageHeader
  private let source: any PictureSource
  private let options: DecodingOptions
  /// The pages that are wanted, and their layouts.
  private let pages: [(index: Int, layout: PageLayout)]

  /// - Throws: `ReadingProblem` for what isn't read, or is beyond the limits.
  init(_ file: FileBytes, _ options: DecodingOptions) throws {
    let source = try openSource(file, options)
    self.source = source
    self.options = options
    let all = try source.layouts()
    let primary = all.indices.filter { !all[$0].isSecondary }
    let candidates = primary.isEmpty ? Array(all.indices) : primary
    switch options.pages {
    case .all:
      pages = candidates.map { ($0, all[$0]) }
    case .one(let page):
      guard candidates.indices.contains(page) else {
        throw ReadingProblem(
          "page \(page) is wanted (0 is the first), but there \(candidates.count == 1 ? "is only 1" : "are only \(candidates.count)")"
        )
      }
      pages = [(candidates[page], all[candidates[page]])]
    }
    let first = pages[0].layout
    for (number, page) in pages.enumerated() {
      guard page.layout.width == first.width, page.layout.height == first.height else {
        throw ReadingProblem(
          "page \(number) has \(page.layout.width) × \(page.layout.height) pixels, but page 0 "
            + "\(first.width) × \(first.height); read one page instead of all")
      }
      guard page.layout.kind == first.kind, page.layout.fullScale == first.fullScale else {
        throw ReadingProblem(
          "page \(number) has samples of \(page.layout.bitDepth) bit, but page 0 of "
            + "\(first.bitDepth), of another kind; read one page instead of all")
      }
    }
    let channels = pages.reduce(0) { $0 + $1.layout.channels }
    guard channels <= options.limits.channels else {
      throw ReadingProblem("\(channels) channels are more than are read")
    }
    let turns = options.orientation == .apply && first.orientation > 4
    header = ImageHeader(
      format: source.format, width: turns ? first.height : first.width,
      height: turns ? first.width : first.height, channels: channels, kind: first.kind,
      bitDepth: first.bitDepth, fullScale: first.fullScale, pages: candidates.count,
      hasAlpha: pages.count == 1 && first.hasAlpha,
      isPalette: pages.allSatisfy(\.layout.isPalette), orientation: first.orientation)
    for page in pages { try check(page.layout, bytes: file.count) }
  }

  /// Whether rows can only be had once all of them are in memory.
  private var isWhole: Bool { isTurned || pages.contains { $0.layout.isWhole } }
  private var isTurned: Bool { options.orientation == .apply && header.orientation > 1 }

  /// Found before memory is set aside for a size that a broken header merely claims.
  private func check(_ page: PageLayout, bytes: Int) throws {
    let tooMany = ReadingProblem("\(page.width) × \(page.height) pixels are more than are read")
    guard let row = product(page.width, page.bitsPerPixel), row < 1 << 40,
      let bits = product(row, page.height),
      let samples = product(page.width, page.channels, page.isWhole ? page.height : 1),
      samples <= options.limits.samples
    else { throw tooMany }
    guard bits / 8 / page.ratio <= bytes else {
      throw ReadingProblem(
        "the file is too short for its \(page.width) × \(page.height) pixels")
    }
  }

  /// The whole picture.
  func scan() throws -> Scan {
    guard let count = product(header.width, header.height, header.channels),
      count <= options.limits.samples
    else {
      throw ReadingProblem(
        "\(header.width) × \(header.height) pixels"
          + (header.channels > 4 ? " of \(header.channels) channels" : "")
          + " are more than are read")
    }
    let samples: Scan.Samples =
      switch header.kind {
      case .bytes: .bytes(try array(count))
      case .words: .words(try array(count))
      case .floats: .floats(try array(count))
      }
    return Scan(
      width: header.width, height: header.height, channels: header.channels, samples: samples,
      fullScale: header.fullScale, hasAlpha: header.hasAlpha, isPalette: header.isPalette)
  }

  /// The samples in the header's order.
  private func array<Sample>(_ count: Int) throws -> [Sample] {
    let samples = try [Sample](unsafeUninitializedCapacity: count) { out, filled in
      try fill(UnsafeMutableRawBufferPointer(out), of: Sample.self)
      filled = count
    }
    guard isTurned else { return samples }
    let turns = header.orientation > 4
    return Orientation.upright(
      samples, width: turns ? header.height : header.width,
      height: turns ? header.width : header.height, channels: header.channels,
      orientation: header.orientation)
  }

  /// Reads page after page, in the order of the file.
  private func fill<Sample>(_ out: UnsafeMutableRawBufferPointer, of type: Sample.Type) throws {
    let layout = pages[0].layout
    if pages.count == 1 {
      return try source.reader(page: pages[0].index).read(rows: layout.height, into: out)
    }
    var channel = 0
    for page in pages {
      let reader = try source.reader(page: page.index)
      let rows = bandHeight([reader], bytes: page.layout.width * page.layout.channels)
      var first = 0
      while first < layout.height {
        let count = min(rows, layout.height - first)
        let offset = first * layout.width * header.channels * MemoryLayout<Sample>.stride
        try Self.read(
          reader, page.layout, rows: count, at: channel, of: header.channels,
          into: UnsafeMutableRawBufferPointer(rebasing: out[offset...]), as: Sample.self)
        first += count
      }
      channel += page.layout.channels
    }
  }

  /// Reads rows of a page to their place among the channels of all pages.
  private static func read<Sample>(
    _ reader: any PageReader, _ page: PageLayout, rows: Int, at channel: Int, of channels: Int,
    into out: UnsafeMutableRawBufferPointer, as type: Sample.Type
  ) throws {
    let count = rows * page.width * page.channels
    try withUnsafeTemporaryAllocation(of: Sample.self, capacity: count) { band in
      try reader.read(rows: rows, into: UnsafeMutableRawBufferPointer(band))
      let target = out.assumingMemoryBound(to: Sample.self)
      var from = 0
      for pixel in 0..<(rows * page.width) {
        for own in 0..<page.channels {
          target[pixel * channels + channel + own] = band[from]
          from += 1
        }
      }
    }
  }

  /// Rows in bands from the top, which are handed over one after the other.
  func bands(_ body: (RowBand) throws -> Void) throws {
    if isWhole {
      let scan = try scan()
      return try scan.samples.withBytes { bytes in
        try split(bytes, body)
      }
    }
    switch header.kind {
    case .bytes: try bands(of: UInt8.self, body)
    case .words: try bands(of: UInt16.self, body)
    case .floats: try bands(of: Float.self, body)
    }
  }

  private func bands<Sample>(of type: Sample.Type, _ body: (RowBand) throws -> Void) throws {
    let readers = try pages.map { try source.reader(page: $0.index) }
    let rows = bandHeight(readers, bytes: header.rowBytes)
    guard let count = product(rows, header.width, header.channels), count <= options.limits.samples
    else { throw ReadingProblem("rows of \(header.width) pixels are more than are read") }
    let band = UnsafeMutableRawBufferPointer.allocate(
      byteCount: rows * header.rowBytes, alignment: 16)
    defer { band.deallocate() }
    var first = 0
    while first < header.height {
      let count = min(rows, header.height - first)
      if readers.count == 1 {
        try readers[0].read(rows: count, into: band)
      } else {
        var channel = 0
        for (page, reader) in zip(pages, readers) {
          try Self.read(
            reader, page.layout, rows: count, at: channel, of: header.channels, into: band,
            as: Sample.self)
          channel += page.layout.channels
        }
      }
      try body(
        RowBand(
          header: header, firstRow: first, rowCount: count,
          samples: UnsafeRawBufferPointer(rebasing: band[..<(count * header.rowBytes)])))
      first += count
    }
  }

  /// Hands a whole picture over in bands.
  private func split(
    _ bytes: UnsafeRawBufferPointer, _ body: (RowBand) throws -> Void
  ) throws {
    let rows = max(1, Self.bandBytes / header.rowBytes)
    for first in stride(from: 0, to: header.height, by: rows) {
      let count = min(rows, header.height - first)
      let range = (first * header.rowBytes)..<((first + count) * header.rowBytes)
      try body(
        RowBand(
          header: header, firstRow: first, rowCount: count,
          samples: UnsafeRawBufferPointer(rebasing: bytes[range])))
    }
  }

  /// How many rows a band has: about as many as fit a cache, and whole tiles.
  private func bandHeight(_ readers: [any PageReader], bytes: Int) -> Int {
    let atOnce = readers.reduce(1) { max($0, $1.rowsAtOnce) }
    let fitting = max(1, Self.bandBytes / max(1, bytes))
    let allowed = max(1, options.limits.samples / max(1, header.width * header.channels))
    return min(allowed, header.height, fitting <= atOnce ? atOnce : fitting / atOnce * atOnce)
  }

  private static let bandBytes = 1 << 20
}

extension Scan.Samples {
  /// Their memory.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    switch self {
    case .bytes(let bytes): try bytes.withUnsafeBytes(body)
    case .words(let words): try words.withUnsafeBytes(body)
    case .floats(let floats): try floats.withUnsafeBytes(body)
    }
  }
}
