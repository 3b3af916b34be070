// Which side of a picture was up: the note of it in Exif, and turning the samples upright.

/// The orientations 1 to 8 of TIFF 6.0, tag 274, which Exif has, too.
enum Orientation {
  /// The orientation that a TIFF structure (an Exif block) notes; 1 where there is none.
  static func inExif(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard bytes.count >= 8, bytes[0] == bytes[1], bytes[0] == 73 || bytes[0] == 77 else { return 1 }
    let isBig = bytes[0] == 77
    func number(_ place: Int, _ size: Int) -> Int? {
      guard place >= 0, place + size <= bytes.count else { return nil }
      return (0..<size).reduce(0) {
        $0 << 8 | Int(bytes[place + (isBig ? $1 : size - 1 - $1)])
      }
    }
    guard let start = number(4, 4), let count = number(start, 2) else { return 1 }
    for entry in 0..<count {
      let place = start + 2 + 12 * entry
      guard let tag = number(place, 2), let type = number(place + 2, 2) else { return 1 }
      if tag == 274, type == 3, let value = number(place + 8, 2) {
        return (1...8).contains(value) ? value : 1
      }
    }
    return 1
  }

  /// Samples turned so that the scene stands upright.
  ///
  /// - Parameters:
  ///   - width: of the samples as they are; 5 to 8 swap it with the height.
  ///   - orientation: 1 to 8, for where row 0 and column 0 lie in the scene.
  static func upright<Sample>(
    _ samples: [Sample], width: Int, height: Int, channels: Int, orientation: Int
  ) -> [Sample] {
    let turns = orientation > 4
    let (newWidth, newHeight) = turns ? (height, width) : (width, height)
    return [Sample](unsafeUninitializedCapacity: samples.count) { out, filled in
      samples.withUnsafeBufferPointer { samples in
        var to = 0
        for y in 0..<newHeight {
          for x in 0..<newWidth {
            let (column, row) =
              switch orientation {
              case 2: (width - 1 - x, y)
              case 3: (width - 1 - x, height - 1 - y)
              case 4: (x, height - 1 - y)
              case 5: (y, x)
              case 6: (y, height - 1 - x)
              case 7: (width - 1 - y, height - 1 - x)
              case 8: (width - 1 - y, x)
              default: (x, y)
              }
            let from = (row * width + column) * channels
            for channel in 0..<channels {
              (out.baseAddress! + to).initialize(to: samples[from + channel])
              to += 1
            }
          }
        }
      }
      filled = samples.count
    }
  }
}
