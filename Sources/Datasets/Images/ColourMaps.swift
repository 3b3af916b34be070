// Label maps whose classes are colours.

import Basics
import Foundation
import Imaging

extension TruthSource {
  /// A label map an image, in the colours of `competition.classes.colors` and `ignore_colors`.
  ///
  /// What isn't one of them is an error that says where it is: a colour that nobody listed, or the noise of a file
  /// that was saved with loss.
  static func colourMaps(
    _ settings: ClassSettings, file: @escaping @Sendable (String) -> URL
  ) -> TruthSource {
    let classOfColour = settings.classOfColour
    return TruthSource(kind: .labels, classes: settings.names.count) { id, size in
      let url = file(id)
      let colours = try colours(id, url, size)
      // Neighbours mostly have the same colour.
      var (last, label): (UInt32?, UInt8) = (nil, 0)
      var labels = [UInt8](repeating: 0, count: colours.count)
      for (pixel, colour) in colours.enumerated() {
        if colour != last {
          guard let found = classOfColour[colour] else {
            throw unlisted(colours, pixel, classOfColour, id, url, size)
          }
          (last, label) = (colour, found)
        }
        labels[pixel] = label
      }
      return .labels(ClassMap(width: size.width, height: size.height, labels: labels))
    }
  }

  /// The colour of each pixel, as 0xRRGGBB: of a palette the colours, and grey as three equal parts.
  private static func colours(_ id: String, _ url: URL, _ size: ImageSize) throws -> [UInt32] {
    let scan = try ImageReading.scan(id, url, "label map")
    guard scan.width == size.width, scan.height == size.height else {
      throw ImageSetError(
        id: id,
        problem:
          "the label map \(url.path) has \(scan.width) x \(scan.height) pixels, but its image has \(size)"
      )
    }
    guard let colours = scan.packedColours else {
      throw ImageSetError(
        id: id,
        problem:
          "\(url.path): a label map in colours has to have 8 bit and one or three channels beside alpha"
      )
    }
    return colours
  }

  private static func unlisted(
    _ colours: [UInt32], _ pixel: Int, _ known: [UInt32: UInt8], _ id: String, _ url: URL,
    _ size: ImageSize
  ) -> ImageSetError {
    let others = Set(colours).subtracting(known.keys)
    let place = "in column \(pixel % size.width), row \(pixel / size.width)"
    let what =
      "\(url.path): the pixel \(place) has the colour \(Self.text(colours[pixel])), which is no class "
      + "(competition.classes: colors and ignore_colors)"
    let isLossy = (try? ImageFile.header(contentsOf: url))?.format == .jpeg
    let noise =
      isLossy || others.count > 64
      ? "; \(others.count) colours in it are none: \(isLossy ? "JPEG blurs" : "resizing or saving with loss blurs") "
        + "the borders of classes, so label maps have to be saved without loss, as PNG"
      : ""
    return ImageSetError(id: id, problem: what + noise)
  }

  private static func text(_ colour: UInt32) -> String {
    "[\(colour >> 16), \(colour >> 8 & 255), \(colour & 255)]"
  }
}

extension ClassSettings {
  /// The class of each colour (0xRRGGBB) of a label map; 255 where it counts for nothing.
  var classOfColour: [UInt32: UInt8] {
    func packed(_ colour: [Int]) -> UInt32 { colour.reduce(0) { $0 << 8 | UInt32($1) } }
    var classes: [UInt32: UInt8] = [:]
    for (index, colour) in (colors ?? []).enumerated() { classes[packed(colour)] = UInt8(index) }
    for colour in ignoreColors ?? [] { classes[packed(colour)] = Truth.ignored }
    return classes
  }
}
