// Whether mask files are read as they are meant, asked before anything is trained: run lengths against mask files,
// and mask files against what masks look like.

import Basics
import Foundation
import Imaging
public import Workbench

extension Stage {
  /// Compares the run lengths of the training table with the mask files of some images, and says what to set
  /// where a wrong dialect or a wrong reading of the files explains the difference.
  ///
  /// - Returns: what was compared, in words; nil where there is nothing to compare.
  /// - Throws: `StageFailure` where most masks differ, or a setting of params.yaml is known to be wrong.
  public func checkTargets(_ images: ImageSet) throws -> String? {
    let competition = try competition()
    guard competition.targets != .labels else { return nil }
    guard competition.files.trainMasks != nil else { return nil }
    try checkMaskValues(images)
    guard let name = competition.files.trainTable else { return nil }
    let url = try input(name)
    let table = try MaskTable(contentsOf: url, name, of: competition)
    guard let rows = table.rows else { return nil }
    // Empty ones, too, for how they are written.
    let looked = evenly(200, of: images.marked) + evenly(50, of: images.empty)
    let examples = looked.flatMap {
      images.examples($0, rows[images.ids[$0]] ?? [], competition)
    }
    let check = DialectCheck(of: competition.rle, examples: examples)
    guard let problem = check.message else {
      return check.marked == 0
        ? nil : "\(check.marked.formatted()) masks of \(name) are those of the files"
    }
    if check.suggestion != nil {
      throw StageFailure(
        "\(url.path): \(problem) (params.yaml: competition.rle)", exit: .badInput)
    }
    if let reading = try betterReading(images, looked, table) {
      throw StageFailure(
        "\(competition.files.trainMasks ?? ""): \(check.agreeing) of \(check.marked) marked masks are those of "
          + "\(name); \(reading)", exit: .badInput)
    }
    guard 2 * check.agreeing >= check.marked else {
      throw StageFailure("\(url.path): \(problem)", exit: .badInput)
    }
    warn("\(name): \(problem)")
    return nil
  }

  /// Mask files with more than two values, of which all but 0 would be marked.
  private func checkMaskValues(_ images: ImageSet) throws {
    let competition = try competition()
    guard competition.mask == nil || competition.mask == .nonzero,
      let pattern = competition.files.trainMasks
    else { return }
    let files = try patternFiles(pattern)
    if competition.targets == .instances, !files.pattern.isMany { return }
    for match in evenly(20, of: files.matches) {
      let url = files.root.appendingPathComponent(match.path)
      let scan = try ImageReading.scan(match.id, url, "mask")
      let values = scan.values
      guard values.count > 2 else { continue }
      let shown = values.prefix(4).map(Self.text)
      warn(
        "\(url.path): a mask with \(values.count) different values (\(shown.joined(separator: ", "))\(values.count > 4 ? " …" : "")), "
          + "of which all but 0 are marked; masks saved as JPEG need competition.mask: above-half, others a value"
      )
      return
    }
  }

  /// A sample, a whole one without its fraction.
  private static func text(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  /// A way of reading mask files by which more of them agree with the table, in words.
  private func betterReading(
    _ images: ImageSet, _ looked: [Int], _ table: MaskTable
  ) throws -> String? {
    let competition = try competition()
    guard let pattern = competition.files.trainMasks, competition.targets == .mask,
      competition.classNames.count == 1
    else { return nil }
    let files = try patternFiles(pattern)
    let some = evenly(40, of: looked)
    var scans: [(Scan, Mask)] = []
    for index in some {
      let id = images.ids[index]
      guard let url = files.files(of: id).first?.url, table.ids.contains(id),
        case .masks(let masks) = try table.source.truth(of: id, images.size(index))
      else { continue }
      scans.append((try ImageReading.scan(id, url, "mask"), masks[0]))
    }
    let values = Set(scans.prefix(10).flatMap { $0.0.values }).sorted()
    let readings: [(String, Marking)] =
      [("above-half", .above(0.5)), ("alpha", .alpha)]
      + values.filter { $0 != 0 }.prefix(8).map {
        (Self.text($0), .value($0))
      }
    let counts = readings.map { _, marking in
      scans.count { scan, mask in (try? Mask(scan, marked: marking)) == mask }
    }
    let now = scans.count { scan, mask in
      (try? Mask(scan, marked: competition.mask?.marking ?? .nonzero)) == mask
    }
    // Saved as JPEG, a mask is never quite that of the table.
    guard let best = counts.indices.max(by: { (counts[$0], -$0) < (counts[$1], -$1) }),
      counts[best] > now
    else { return nil }
    let shown = values.prefix(6).map(Self.text)
    return
      "the files hold the value\(values.count == 1 ? "" : "s") \(shown.joined(separator: ", "))\(values.count > 6 ? " …" : ""); "
      + "with competition.mask: \(readings[best].0), \(counts[best]) of \(scans.count) agree"
  }
}

extension ImageSet {
  /// The texts of an image that belong to one mask each, with these masks. Instances belong to the row with
  /// as many pixels, where no other has so many.
  fileprivate func examples(_ index: Int, _ rows: [TruthSource.Row], _ competition: Competition)
    -> [DialectCheck.Example]
  {
    let size = size(index)
    switch truth(index) {
    case .masks(let masks):
      return masks.enumerated().compactMap { place, mask in
        let own = rows.filter { $0.classIndex == place }
        return own.count == 1 ? .init(text: own[0].text, mask: mask) : nil
      }
    case .labels: return []
    case .instances(let map):
      return DialectCheck.pairing(
        rows.prefix(100).map(\.text), areas: map.areas, of: competition.rle, width: size.width,
        height: size.height
      ).prefix(10).map { .init(text: $0.text, mask: map.mask(of: $0.instance + 1)) }
    }
  }
}

extension Scan {
  /// The different values of the colours, ascending; no more than a few hundred.
  fileprivate var values: [Double] {
    func distinct<Sample: Hashable>(_ samples: [Sample], _ number: (Sample) -> Double) -> [Double] {
      var found: Set<Sample> = []
      for pixel in 0..<(width * height) where found.count < 300 {
        for channel in 0..<colours { found.insert(samples[pixel * channels + channel]) }
      }
      return found.map(number).sorted()
    }
    return switch samples {
    case .bytes(let bytes): distinct(bytes) { Double($0) }
    case .words(let words): distinct(words) { Double($0) }
    case .floats(let floats): distinct(floats) { Double($0) }
    }
  }
}
