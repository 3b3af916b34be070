// What mask files are like: which values they hold, whether these are marks or labels of classes, and the
// masks themselves for the check of run lengths.

import Archive
import Foundation
import Imaging

/// What is known of a family of mask files.
struct MaskFacts: Sendable {
  /// Pixels by value, as the files have them; numbers of colours where they have a palette.
  var values: [Int: Int] = [:]
  /// Masks that were looked at.
  var looked = 0
  /// Of them, those with a palette, those of colours that differ, and those with alpha that isn't opaque.
  var withPalette = 0
  var coloured = 0
  var transparent = 0
  /// Of those with a palette, those whose colours have a pixel that is black.
  var blackColours = 0
  /// Pixels that are neither 0 nor at the full scale of their file, which may differ from file to file.
  var between = 0
  /// Masks with more than 4,096 values, or floats.
  var continuous = 0
  /// Masks whose size isn't their image's.
  var otherSizes: [String] = []
  /// Masks that can't be read, and what was found.
  var problems: [String] = []
  /// Pixels by colour (0xRRGGBB), of files with three channels or a palette.
  var colours: [UInt32: Int] = [:]
  /// Files with more colours than a label map has, and the first of them.
  var noisy: [String] = []
  /// What speaks for numbers of objects.
  var numbering = NumberingFacts()
  /// What files' pixels are, by image, in the order of its files.
  var scans: [String: [Scan]] = [:]

  /// Files of so many images are looked at.
  static let sample = 96
  /// Pixels of all masks that are kept for the check of run lengths.
  static let kept = 64 << 20

  /// Looks at the masks of some images.
  ///
  /// - Parameter sizes: the images' sizes by id.
  /// - Throws: `ArchiveError` for a damaged archive.
  init(
    of family: PictureFamily, _ pattern: MaskPattern, sizes: [String: PixelSize],
    in files: ServedFiles
  ) throws {
    guard let archive = files.archive(family.archive) else { return }
    let ids = pattern.files.keys.sorted()
    var owners: [String: String] = [:]
    var count = 0
    for index in Sample.spread(ids.count, over: Self.sample) {
      let own = pattern.files[ids[index]] ?? []
      count += own.count
      // An image may have hundreds of instances; some hundreds are enough.
      guard count <= 1500 || owners.isEmpty else { break }
      for file in own { owners[family.files[file].path] = ids[index] }
    }
    var room = Self.kept
    try archive.read(Set(owners.keys), limit: PictureFacts.limit) { path, data in
      guard let id = owners[path] else { return }
      do {
        let name = "\(archive.name): \(path)"
        var options = DecodingOptions()
        options.palette = .indices
        let scan = try ImageFile.decode(data, name: name, options: options)
        try note(scan, data, name)
        let size = PixelSize(width: scan.width, height: scan.height)
        if let image = sizes[id], image != size {
          otherSizes.append(
            "\(name): \(size.width) x \(size.height), its image \(image.width) x \(image.height)")
        } else if room >= size.pixels {
          room -= size.pixels
          scans[id, default: []].append(
            scan.isPalette ? try ImageFile.decode(data, name: name) : scan)
        }
      } catch {
        problems.append("\(error)")
      }
    }
  }

  private mutating func note(_ scan: Scan, _ data: Data, _ name: String) throws {
    looked += 1
    if scan.isPalette {
      withPalette += 1
      let colours = try ImageFile.decode(data, name: name)
      note(colours, name)
      if try !Mask(colours).pixels.allSatisfy({ $0 == 1 }) { blackColours += 1 }
    } else {
      if scan.isColoured { coloured += 1 }
      if scan.colours == 3 { note(scan, name) }
      if !scan.isOpaque { transparent += 1 }
    }
    guard let counts = scan.valueCounts else { return continuous += 1 }
    if !scan.isPalette, scan.colours == 1 { numbering.note(scan, counts) }
    values.merge(counts, uniquingKeysWith: +)
    let full = Int(scan.fullScale)
    between += counts.reduce(0) { $0 + ($1.key == 0 || $1.key == full ? 0 : $1.value) }
  }

  /// The most colours that a label map has.
  private static let mostColours = 128

  private mutating func note(_ scan: Scan, _ name: String) {
    guard let counts = scan.colourCounts(atMost: Self.mostColours) else {
      noisy.append(name)
      return
    }
    colours.merge(counts, uniquingKeysWith: +)
  }

  /// Pixels that were looked at.
  private var pixels: Int { values.values.reduce(0, +) }

  /// What the values mean, as far as they tell.
  enum Meaning: Equatable {
    /// Two values: marked or not.
    case marks(MarkRule)
    /// A few values, each a class.
    case labels([Int])
    /// A few colours, each a class.
    case colours([UInt32])
    /// Numbers of an image's objects.
    case instances
    /// Nothing that is understood; what was found.
    case unclear(String)
  }

  /// Judges the values.
  ///
  /// - Parameters:
  ///   - classValues: values of a table of classes, where there is one.
  ///   - classColours: colours of a table of classes, where there is one.
  ///   - mayNumber: whether values may be numbers of objects.
  func meaning(
    classValues: Set<Int>?, classColours: Set<UInt32>?, mayNumber: Bool
  ) -> Meaning {
    let sorted = values.keys.sorted()
    if coloured > 0 { return meaningOfColours(classColours) }
    if withPalette > 0, let classColours, colours.count > 1,
      classColours.isSuperset(of: colours.keys)
    {
      return .colours(colours.keys.sorted())
    }
    if let classValues, sorted.count > 1, classValues.count > 1,
      Set(sorted).isSubset(of: classValues)
    {
      return .labels(sorted)
    }
    if continuous == 0, mayNumber, numbering.areObjects { return .instances }
    if continuous == 0, transparent > 0, sorted.count == 1 { return .marks(.alpha) }
    if continuous == 0, withPalette == 0, between == 0, values[0] != nil {
      return .marks(.nonzero)
    }
    guard continuous == 0, !sorted.isEmpty else {
      return looked == 0
        ? .unclear("no mask could be read")
        : .marks(.aboveHalf)
    }
    if sorted.count <= 2 {
      if withPalette > 0 ? blackColours > 0 : sorted[0] == 0 { return .marks(.nonzero) }
      if sorted.count == 1 { return .marks(.nonzero) }
      let rarer = sorted.min { (values[$0] ?? 0) < (values[$1] ?? 0) } ?? 0
      return .marks(.value(rarer))
    }
    let ends = (values[sorted[0]] ?? 0) + (values[sorted[sorted.count - 1]] ?? 0)
    let share = 1 - Double(ends) / Double(max(1, pixels))
    if sorted.count <= 64, share > 0.05 || sorted[sorted.count - 1] < 64 || withPalette > 0 {
      return .labels(sorted)
    }
    return .marks(.aboveHalf)
  }
}

extension MaskFacts {
  /// Judges files of which some are coloured.
  private func meaningOfColours(_ classColours: Set<UInt32>?) -> Meaning {
    if let first = noisy.first {
      return .unclear(
        "\(noisy.count) of \(looked) masks that were looked at have more than \(Self.mostColours) colours (\(first)). "
          + "Where classes are colours, files have to be saved without loss, as PNG: JPEG and resizing blur the borders"
      )
    }
    let sorted = colours.keys.sorted()
    // A mark in a colour on black.
    if classColours == nil, sorted.count == 2, sorted[0] == 0 { return .marks(.nonzero) }
    return .colours(sorted)
  }
}

/// Which pixels of a mask file are marked, as params.yaml has it.
public enum MarkRule: Sendable, Equatable {
  case nonzero
  case aboveHalf
  case alpha
  case value(Int)

  /// As params.yaml has it.
  var text: String {
    switch self {
    case .nonzero: "nonzero"
    case .aboveHalf: "above-half"
    case .alpha: "alpha"
    case .value(let value): String(value)
    }
  }

  var marking: Marking {
    switch self {
    case .nonzero: .nonzero
    case .aboveHalf: .above(0.5)
    case .alpha: .alpha
    case .value(let value): .value(Double(value))
    }
  }
}
