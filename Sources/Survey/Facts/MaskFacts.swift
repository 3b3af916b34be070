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
    try read(Set(owners.keys), of: archive.url, limit: PictureFacts.limit) { path, data in
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
      if try !Mask(colours).pixels.allSatisfy({ $0 == 1 }) { blackColours += 1 }
    } else {
      if scan.isColoured { coloured += 1 }
      if !scan.isOpaque { transparent += 1 }
    }
    guard let counts = scan.valueCounts else { return continuous += 1 }
    values.merge(counts, uniquingKeysWith: +)
    let full = Int(scan.fullScale)
    between += counts.reduce(0) { $0 + ($1.key == 0 || $1.key == full ? 0 : $1.value) }
  }

  /// Pixels that were looked at.
  private var pixels: Int { values.values.reduce(0, +) }

  /// What the values mean, as far as they tell.
  enum Meaning: Equatable {
    /// Two values: marked or not.
    case marks(MarkRule)
    /// A few values, each a class.
    case labels([Int])
    /// Nothing that is understood; what was found.
    case unclear(String)
  }

  /// Judges the values.
  ///
  /// - Parameter classValues: values of a table of classes, where there is one.
  func meaning(classValues: Set<Int>?) -> Meaning {
    let sorted = values.keys.sorted()
    if coloured > 0 {
      return .unclear(
        "\(coloured) of \(looked) masks that were looked at are coloured pictures; a class a colour isn't read"
      )
    }
    if let classValues, sorted.count > 1, classValues.count > 1,
      Set(sorted).isSubset(of: classValues)
    {
      return .labels(sorted)
    }
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
