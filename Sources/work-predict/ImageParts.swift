// A test set in parts, each of which fits on a small disk when its images are decoded: hidden test sets may be large.

import Datasets
import Foundation
import Imaging

enum ImageParts {
  /// Bytes of decoded images and their maps that a part has at most, unless one image has more.
  static let mostBytes = 1 << 30
  /// Images of a part at most.
  static let mostImages = 4096

  /// Ranges of the images, in order.
  ///
  /// Neighbouring slices are seen together, so that a set of those stays whole.
  /// - Parameters:
  ///   - most: images of a part at most.
  ///   - files: where an image lies; nil where it doesn't.
  static func plan(
    _ ids: [String], of competition: Competition, most: Int = mostImages, files: (String) -> URL?
  ) -> [Range<Int>] {
    guard competition.image.slices ?? 1 == 1 else { return [ids.indices] }
    var parts: [Range<Int>] = []
    var (start, bytes) = (0, 0)
    for (index, id) in ids.enumerated() {
      let own =
        pixels(id, competition, files) * (2 * competition.image.channels + maps(competition))
      if index > start, bytes + own > mostBytes || index - start >= most {
        parts.append(start..<index)
        (start, bytes) = (index, 0)
      }
      bytes += own
    }
    parts.append(start..<ids.count)
    return parts
  }

  private static func pixels(
    _ id: String, _ competition: Competition, _ files: (String) -> URL?
  ) -> Int {
    if let size = competition.image.size { return size.pixels }
    // One that can't be read says so when it is decoded.
    let header = files(id).flatMap { try? ImageFile.header(contentsOf: $0) }
    return header.map { $0.width * $0.height } ?? 0
  }

  /// Bytes a pixel of what is kept of the probabilities, at most.
  private static func maps(_ competition: Competition) -> Int {
    max(3, competition.classNames.count)
  }
}
