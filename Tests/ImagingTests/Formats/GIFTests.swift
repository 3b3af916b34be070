// GIF files: palettes, transparency, interlace and films.

import Foundation
import Imaging
import Testing

@Suite(.enabled(if: has("giflib"))) struct GIFTests {
  private let colours: [[UInt8]] = [[10, 20, 30], [40, 50, 60], [70, 80, 90], [255, 255, 255]]
  private let indices = (0..<70).map { ($0 / 7 + $0) % 3 }

  @Test func interlacedPalette() throws {
    let scan = try decode(Fixture.gifInterlaced)
    #expect(
      scan
        == Scan(
          width: 7, height: 10, channels: 3, samples: .bytes(indices.flatMap { colours[$0] }),
          fullScale: 255, isPalette: true))
  }

  @Test func transparentColourAndIndices() throws {
    let scan = try decode(Fixture.gifTransparent)
    #expect(scan.channels == 4 && scan.hasAlpha)
    #expect(scan.samples == .bytes(indices.flatMap { colours[$0] + [$0 == 1 ? 0 : 255] }))
    let labels = try decode(Fixture.gifTransparent, options { $0.palette = .indices })
    #expect(labels.channels == 1 && labels.isPalette && !labels.hasAlpha)
    #expect(labels.samples == .bytes(bytes(indices)))
  }

  /// Frames that cover parts of the screen, let the last one through, clear their place, or put back what
  /// was there (GIF89a, section 23). A place that was cleared is transparent, as in browsers.
  @Test func aFilmIsDrawnFrameByFrame() throws {
    let frames: [[Int?]] = [
      [0, 1, 2, 2, 1, 0], [0, 3, 2, 2, 1, 0], [1, nil, nil, 3, 1, 0], [0, nil, nil, 2, 1, 3],
    ]
    #expect(try ImageFile.header(Fixture.gifFilm, name: "a").pages == 4)
    let pictures = frames.map { $0.map { $0.map { colours[$0] + [255] } ?? [0, 0, 0, 0] } }
    for (page, picture) in pictures.enumerated() {
      let scan = try decode(Fixture.gifFilm, options { $0.pages = .one(page) })
      #expect(scan.samples == .bytes(picture.flatMap { $0 }), "frame \(page)")
    }
    let all = try decode(Fixture.gifFilm)
    #expect(all.channels == 16)
    #expect(all.samples == .bytes((0..<6).flatMap { pixel in pictures.flatMap { $0[pixel] } }))
  }
}
