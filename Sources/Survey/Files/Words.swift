// Words in the names of files and folders, and what they say of a file's part in a competition.

/// Which words mean what.
enum Words {
  /// The words of a name, in lower case: what is between separators and digits.
  static func of(_ name: some StringProtocol) -> Set<String> {
    Set(name.lowercased().split { !$0.isLetter }.map(String.init))
  }

  /// Whether a word stands for masks.
  static func meansMask(_ word: String) -> Bool {
    ["gt", "seg", "rle"].contains(word)
      || ["mask", "label", "annot", "manual", "segm", "truth", "groundtruth", "target"]
        .contains { word.hasPrefix($0) }
      || ["annot", "masks", "labels"].contains { word.hasSuffix($0) }
  }

  /// Whether words stand for masks.
  static func meanMasks(_ words: Set<String>) -> Bool { words.contains(where: meansMask) }
  /// Whether words stand for the test set.
  static func meanTest(_ words: Set<String>) -> Bool { words.contains { $0.hasPrefix("test") } }
  /// Whether words stand for the training set.
  static func meanTraining(_ words: Set<String>) -> Bool {
    words.contains { $0.hasPrefix("train") }
  }

  /// Words of folders that stand for kinds of files and never for an image.
  static let roles: Set<String> = [
    "train", "training", "test", "testing", "val", "valid", "validation", "image", "images", "img",
    "imgs", "mask", "masks", "label", "labels", "annotation", "annotations", "annot", "gt", "truth",
  ]

  /// The word for masks that a file's name ends with, as "_mask" in "12_mask.tif"; nil where it ends with
  /// none.
  static func maskEnding(of name: String) -> String? {
    let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name[...]
    guard let place = stem.lastIndex(where: { $0 == "_" || $0 == "-" || $0 == "." }) else {
      return nil
    }
    let tail = stem[place...]
    return tail.dropFirst().allSatisfy(\.isLetter) && meanMasks(of(tail)) ? String(tail) : nil
  }
}
