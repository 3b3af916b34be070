// The section `competition` of params.yaml as text, with a reason behind or above each value. Keys that hold
// what is usual are left out.

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
    if kind != .mask { lines.add("kind", kind.rawValue, reasons["kind"]) }
    addClasses(&lines)
    lines.add("image", "", reasons["image"])
    lines.add("width", size.map { "\($0.width)" } ?? "null", nil, indent: 2)
    lines.add("height", size.map { "\($0.height)" } ?? "null", nil, indent: 2)
    lines.add("channels", "\(channels)", reasons["image.channels"], indent: 2)
    if missingMasksAreEmpty { lines.add("missing_masks", "empty", reasons["missing_masks"]) }
    if skipsBad { lines.add("skip_bad", "true", reasons["skip_bad"]) }
    if let groups { lines.add("groups", YAMLLines.inline(groups), reasons["groups"]) }
    lines.add("files", "", "{id} stands for an image's id")
    for (key, value) in [
      ("train_images", trainImages), ("train_masks", trainMasks), ("test_images", testImages),
      ("train_table", trainTable), ("depths", depths), ("sample_submission", sampleSubmission),
    ] as [(String, String?)] {
      lines.add(key, text(value), reasons["files.\(key)"], indent: 2)
    }
    lines.add("columns", "", reasons["columns"])
    lines.add("id", YAMLLines.text(idColumn), nil, indent: 2)
    lines.add("mask", YAMLLines.text(maskColumn), nil, indent: 2)
    lines.add("depth", text(depthColumn), nil, indent: 2)
    if let classColumn { lines.add("class", YAMLLines.text(classColumn), nil, indent: 2) }
    if marks != .nonzero { lines.add("mask", marks.text, reasons["mask"]) }
    addRunLengths(&lines)
    lines.add("metric", knowledge.metric, knowledge.metricReason)
    addSubmission(&lines)
    return lines.lines
  }

  private func addClasses(_ lines: inout YAMLLines) {
    guard !classes.isEmpty else { return }
    lines.add("classes", "", reasons["classes"])
    lines.add(
      "names", "[" + classes.map(YAMLLines.inline).joined(separator: ", ") + "]", nil, indent: 2)
    if let classValues {
      lines.add(
        "values", "[" + classValues.map(String.init).joined(separator: ", ") + "]", nil, indent: 2)
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
    guard rows != .image else { return }
    lines.add("submission", "", reasons["submission"])
    lines.add("rows", rows.rawValue, nil, indent: 2)
    if let row { lines.add("row", YAMLLines.quoted(row), nil, indent: 2) }
  }
}
