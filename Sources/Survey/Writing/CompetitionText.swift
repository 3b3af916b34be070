// The section `competition` of params.yaml as text, with a reason behind or above each value.

import Foundation
import Imaging

extension Findings {
  /// The lines of the section, its name first.
  ///
  /// - Parameters:
  ///   - slug: the competition's name at Kaggle.
  ///   - knowledge: what no file shows.
  public func competitionLines(slug: String, _ knowledge: Knowledge) -> [String] {
    var lines = YAMLLines()
    func text(_ value: String?) -> String { value.map(YAMLLines.text) ?? "null" }
    lines.add("competition", "", nil, indent: 0)
    lines.add("slug", YAMLLines.text(slug), "its name in Kaggle's URL")
    lines.add("title", YAMLLines.text(knowledge.title))
    lines.add("target", YAMLLines.text(knowledge.target), "what a mask marks, in a word")
    lines.add(
      "depth_unit", text(depths == nil ? nil : knowledge.depthUnit),
      depths == nil ? "there are no depths" : "for axes; null: none")
    lines.add(
      "kind", kind.rawValue,
      reasons["kind"] ?? "marked or not; else labels (classes that exclude each other) or instances"
    )
    addClasses(&lines)
    addImage(&lines)
    lines.add("files", "", "{id} stands for an image's id")
    for (key, value) in [
      ("train_images", trainImages), ("train_masks", trainMasks), ("test_images", testImages),
      ("train_table", trainTable), ("depths", depths), ("groups", groupsTable),
      ("folds", foldsTable),
      ("sample_submission", sampleSubmission),
    ] as [(String, String?)] {
      lines.add(key, text(value), reasons["files.\(key)"] ?? Self.usual["files.\(key)"], indent: 2)
    }
    lines.add("columns", "", reasons["columns"])
    for (key, value) in [
      ("id", idColumn), ("mask", maskColumn), ("predicted", predictedColumn),
      ("depth", depthColumn), ("class", classColumn),
      ("group", groupColumn), ("fold", foldColumn),
    ] as [(String, String?)] { lines.add(key, text(value), nil, indent: 2) }
    lines.add("mask", marks.text, reasons["mask"] ?? Self.usual["mask"])
    lines.add(
      "missing_masks", missingMasksAreEmpty ? "empty" : "error",
      reasons["missing_masks"] ?? Self.usual["missing_masks"])
    lines.add("skip_bad", "\(skipsBad)", reasons["skip_bad"] ?? Self.usual["skip_bad"])
    lines.add(
      "groups", groups.map(YAMLLines.inline) ?? "null", reasons["groups"] ?? Self.usual["groups"])
    addRunLengths(&lines)
    addSubmission(&lines)
    lines.add("metric", knowledge.metric, knowledge.metricReason)
    lines.add(
      "leaderboard", knowledge.leaderboard ?? "null",
      "the final private one, in a few points; null: not known")
    return lines.lines
  }

  /// What keys mean that hold what is usual.
  private static let usual = [
    "files.groups": "a table with each image's group, in columns.group",
    "files.folds":
      "a table with each image's fold, in columns.fold; null: they are divided by the section folds",
    "mask": "which pixels of a mask's file are marked: nonzero, above-half, alpha, or a value",
    "missing_masks": "an image without a mask is an error, or has an empty one",
    "skip_bad": "whether images that can't be read are left out, with a warning",
    "groups": "the group in an id, such as \"{group}_*\"; the ids show none",
  ]

  private func addImage(_ lines: inout YAMLLines) {
    lines.add("image", "", reasons["image"])
    lines.add("width", size.map { "\($0.width)" } ?? "null", nil, indent: 2)
    lines.add("height", size.map { "\($0.height)" } ?? "null", nil, indent: 2)
    lines.add("channels", "\(channels)", reasons["image.channels"], indent: 2)
    lines.add("slices", "null", "neighbours of a group seen together, such as 3", indent: 2)
    lines.add(
      "orientation", "null", "apply: turn photographs as their note says", indent: 2)
    lines.add(
      "range", range.map { "[\($0.lowerBound), \($0.upperBound)]" } ?? "null",
      reasons["image.range"] ?? "samples that become 0 and 1; null: 0 and full scale", indent: 2)
  }

  private func addClasses(_ lines: inout YAMLLines) {
    guard !classes.isEmpty else { return lines.add("classes", "null", "there is one") }
    lines.add("classes", "", reasons["classes"])
    lines.add(
      "names", "[" + classes.map(YAMLLines.inline).joined(separator: ", ") + "]", nil, indent: 2)
    if let classValues {
      lines.add(
        "values", "[" + classValues.map(String.init).joined(separator: ", ") + "]", nil, indent: 2)
    }
    func colours(_ colours: [UInt32]) -> String {
      let texts = colours.map { "[\($0 >> 16), \($0 >> 8 & 255), \($0 & 255)]" }
      return "[" + texts.joined(separator: ", ") + "]"
    }
    if let classColours {
      lines.add("colors", colours(classColours), "red, green, blue in label maps", indent: 2)
    }
    if !ignoredColours.isEmpty {
      lines.add(
        "ignore_colors", colours(ignoredColours), reasons["classes.ignore_colors"], indent: 2)
    }
    if let ignore { lines.add("ignore", "\(ignore)", reasons["classes.ignore"], indent: 2) }
  }

  private func addRunLengths(_ lines: inout YAMLLines) {
    lines.add("rle", "", reasons["rle"])
    lines.add("order", rle.order.rawValue, nil, indent: 2)
    lines.add("base", "\(rle.base)", "number of the first pixel", indent: 2)
    lines.add(
      "empty", YAMLLines.quoted(rle.empty), "what stands for a mask without a pixel", indent: 2)
    if rle.relative { lines.add("relative", "true", "starts count from the run before", indent: 2) }
    if rle.form != .pairs { lines.add("form", rle.form.rawValue, nil, indent: 2) }
    if let separator = rle.separator {
      lines.add("separator", YAMLLines.quoted(separator), nil, indent: 2)
    }
  }

  private func addSubmission(_ lines: inout YAMLLines) {
    guard rows != .image else { return lines.add("submission", "null", reasons["submission"]) }
    lines.add("submission", "", reasons["submission"])
    lines.add("rows", rows.rawValue, nil, indent: 2)
    if let row { lines.add("row", YAMLLines.quoted(row), nil, indent: 2) }
  }
}
