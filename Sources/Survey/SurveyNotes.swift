// What is made of the facts: values and their reasons, one part of the competition after the other.

import Basics
import Foundation
import Imaging

extension Survey {
  /// Sizes, channels, counts, and files that can't be read.
  mutating func notePictures(_ parts: PictureParts, _ train: PictureFacts, _ test: PictureFacts) {
    findings.trainCount = parts.train.family.files.count
    findings.testCount = parts.test.family.files.count
    findings.medianSize = train.medianSize
    let all = Set(train.sizes.values).union(test.sizes.values)
    let looked = train.looked + test.looked
    let count = findings.trainCount + findings.testCount
    let among =
      looked == count ? "all \(count) images" : "the \(looked) of \(count) images looked at"
    if all.count == 1, let size = all.first {
      findings.size = size
      findings.reasons["image"] = "\(among) have this size"
    } else {
      let (least, most) = (all.min { $0.pixels < $1.pixels }, all.max { $0.pixels < $1.pixels })
      let range =
        [least, most].compactMap { $0.map { "\($0.width) x \($0.height)" } }.joined(
          separator: " to ")
      let median = train.medianSize
      findings.reasons["image"] =
        "\(among) have \(all.count) sizes, \(range); median \(median.width) x \(median.height)"
    }
    findings.trainPixels = Self.pixels(train, of: findings.trainCount)
    findings.testPixels = Self.pixels(test, of: findings.testCount)
    noteChannels(train, test)
    if let floats = train.floats, floats.lowerBound < floats.upperBound,
      floats.lowerBound < 0 || floats.upperBound > 1
    {
      findings.range = floats
      findings.reasons["image.range"] =
        "least and greatest sample of \(train.decoded) images that were looked at"
    }
    if train.tooLarge + test.tooLarge > 0 {
      findings.notes.append(
        "\(train.tooLarge + test.tooLarge) images are larger than a gigabyte and weren't looked at")
    }
    let problems = train.problems + test.problems
    if !problems.isEmpty {
      findings.skipsBad = true
      findings.reasons["skip_bad"] =
        "\(problems.count) of \(looked) images can't be read: \(problems[0])"
      findings.notes += problems.prefix(5)
      if problems.count > 5 {
        findings.notes.append("… and \(problems.count - 5) more images that can't be read")
      }
    }
  }

  private static func pixels(_ facts: PictureFacts, of count: Int) -> Int {
    let seen = facts.sizes.values.reduce(0) { $0 + $1.pixels }
    return facts.sizes.isEmpty ? 0 : seen / facts.sizes.count * count
  }

  private mutating func noteChannels(_ train: PictureFacts, _ test: PictureFacts) {
    let counts = train.colours.merging(test.colours, uniquingKeysWith: +)
    let most = counts.keys.max() ?? 1
    var reason: String
    if most <= 1 {
      findings.channels = 1
      reason = "the files are grey"
    } else if most == 3 {
      findings.channels = train.coloured + test.coloured == 0 ? 1 : 3
      let decoded = train.decoded + test.decoded
      reason =
        findings.channels == 1
        ? "the files have three channels, which are equal in all \(decoded) that were looked at"
        : "\(train.coloured + test.coloured) of \(decoded) images that were looked at are coloured"
    } else {
      findings.channels = most
      reason = "bands or pages of the files"
      if counts.keys.count > 1 {
        findings.notes.append(
          "image.channels: files have "
            + counts.sorted { $0.key < $1.key }
            .map { "\($0.key) (\($0.value) files)" }.joined(separator: ", ") + " channels")
      }
    }
    let alpha = train.withAlpha + test.withAlpha
    if alpha > 0 {
      let seeThrough = train.transparent + test.transparent
      reason +=
        "; alpha is left out: "
        + (seeThrough == 0 ? "it is full everywhere" : "it isn't full in \(seeThrough) files")
    }
    findings.reasons["image.channels"] = reason
  }

  /// Kind, classes, and where masks come from.
  mutating func noteTarget(
    _ parts: PictureParts, _ masks: MaskFacts?, _ table: TrainingTable?, _ sample: SampleFacts
  ) throws {
    if let masks, let (family, pattern) = parts.masks {
      findings.notes += masks.problems.prefix(5) + masks.otherSizes.prefix(5)
      switch pattern.part {
      case .instance:
        findings.kind = .instances
        findings.reasons["kind"] =
          "\(family.files.count) mask files of \(pattern.files.count) images: one an instance"
      case .class(let classes):
        findings.classes = classes
        findings.reasons["classes"] = "one mask file an image and class"
      case .image: break
      }
      try noteValues(masks, isAnImage: pattern.part == .image, sample)
      return
    }
    guard let table else {
      let names = tables.tables.map { "\($0.name) (\($0.csv.columns.joined(separator: ", ")))" }
      throw InputError(
        "\(files.folder.path): nothing says what the training images show: no pictures that are their masks"
          + (parts.unused.isEmpty
            ? "" : " (unused: \(parts.unused.map(\.title).joined(separator: ", ")))")
          + ", and no table of run lengths or annotations in COCO's form "
          + "for ids such as “\(parts.train.ids.ids.first ?? "")” (tables: \(names.joined(separator: "; ")))"
          + tables.problems.map { "; \($0)" }.joined())
    }
    findings.classes = table.classNames
    if table.classes != nil {
      findings.reasons["classes"] = "the values of a column of \(table.table.name)"
    }
    if table.mostRows > 1, table.classes != nil {
      findings.notes.append(
        "kind: \(table.table.name) has up to \(table.mostRows) rows an image and class; they are taken for parts of one mask"
      )
    } else if table.mostRows > 1 {
      findings.kind = .instances
      findings.reasons["kind"] =
        "\(table.table.name) has up to \(table.mostRows) rows an image"
      findings.notes.append(
        "kind: rows of one image are taken for instances; if they are parts of one mask, set kind: mask"
      )
    }
  }
}
