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
