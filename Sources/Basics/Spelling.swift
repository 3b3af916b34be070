// Finds what somebody may have meant who misspelt a name.

package enum Spelling {
  /// The end of a sentence about an unknown name, such as "; did you mean “epochs”?"; empty where no
  /// candidate is near.
  package static func didYouMean(_ name: String, among candidates: some Sequence<String>) -> String
  {
    nearest(to: name, among: candidates).map { "; did you mean “\($0)”?" } ?? ""
  }

  /// The candidate nearest to a name, whatever the case of their letters (the first by alphabet of
  /// several), or nil where none is near.
  package static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
    candidates.sorted().map { (name: $0, distance: distance(name.lowercased(), $0.lowercased())) }
      .filter { $0.distance <= max(2, min(name.count, $0.name.count) * 2 / 5) }
      .min { $0.distance < $1.distance }?.name
  }

  /// Levenshtein's distance: how many characters to insert, delete or replace.
  private static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a), b = Array(b)
    var row = Array(0...b.count)
    for (i, first) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, second) in b.enumerated() {
        let replaced = diagonal + (first == second ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
