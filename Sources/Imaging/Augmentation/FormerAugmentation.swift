// What params.yaml had before transforms were a list: a mapping of probabilities. It isn't read any more; this says
// what to write in its place.

import Basics

enum FormerAugmentation {
  /// Says which list does what a mapping did.
  static func message(_ members: [JSONValue.Member]) -> String {
    func value(_ key: String, _ usual: String) -> String { members[key]?.plainText ?? usual }
    var lines: [String] = []
    func add(_ key: String, _ name: String, _ values: [String] = []) {
      // Without a number, somebody is to see the entry rather than miss it.
      guard let p = members[key], p.number != 0 else { return }
      lines.append("    - \(name): {\((["p: \(p.plainText)"] + values).joined(separator: ", "))}")
    }
    let border = "border: \(value("border", "reflect"))"
    add("hflip", "hflip")
    add("vflip", "vflip")
    add("crop", "random_sized_crop", ["scale: \(value("crop_scale", "[0.7, 1.0]"))"])
    add(
      "affine", "shift_scale_rotate",
      [
        "shift: \(value("shift", "0.05"))", "scale: \(value("scale", "0.1"))",
        "rotate: \(value("rotate", "10"))", border,
      ])
    add(
      "elastic", "elastic",
      [
        "deviation: \(value("elastic_deviation", "3.0"))", "cells: \(value("elastic_cells", "4"))",
        border,
      ])
    add(
      "light", "brightness_contrast",
      ["brightness: \(value("brightness", "0.1"))", "contrast: \(value("contrast", "0.1"))"])
    return "is a section, but should be a list of transforms. In the place of this section write\n"
      + (lines.isEmpty
        ? "  augmentation: []" : (["  augmentation:"] + lines).joined(separator: "\n"))
  }
}
