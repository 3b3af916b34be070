// Names that are each given once, for the ids of a page's headings and a notebook's cells.

/// Gives each name once.
struct UniqueNames {
  private var used: Set<String> = []

  /// The name, or where it was given before, the name with the first number behind it that is free.
  mutating func next(_ stem: String) -> String {
    var name = stem
    var number = 2
    while !used.insert(name).inserted {
      name = "\(stem)-\(number)"
      number += 1
    }
    return name
  }
}

/// Ids of headings: readable, and each used once.
struct PageIDs {
  private var used = UniqueNames()
  private let prefix: String

  init(prefix: String = "") { self.prefix = prefix }

  /// An id made of the letters and digits of `text`.
  mutating func next(_ text: String) -> String {
    let words = text.lowercased().unicodeScalars.split {
      !($0.properties.isAlphabetic || ("0"..."9").contains($0))
    }
    let base = words.map { String($0) }.joined(separator: "-")
    let stem = prefix + (base.isEmpty ? "section" : base)
    return used.next(stem)
  }
}
