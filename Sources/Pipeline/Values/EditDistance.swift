// Finds what somebody may have meant who misspelt a name.

/// Levenshtein's distance between two texts, counted in characters.
func editDistance(_ first: String, _ second: String) -> Int {
  let first = Array(first.lowercased()), second = Array(second.lowercased())
  var row = Array(0...second.count)
  for (i, a) in first.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in second.enumerated() {
      let above = row[j + 1]
      row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
      diagonal = above
    }
  }
  return row[second.count]
}

/// The candidate nearest to a misspelt name, or nil where none is near.
func nearest(to name: String, among candidates: [String]) -> String? {
  let ranked = candidates.sorted().map { ($0, editDistance(name, $0)) }
  guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
  return best.1 <= max(2, name.count / 2) ? best.0 : nil
}

/// A sentence's end such as "; did you mean “epochs”?", or nothing.
func didYouMean(_ name: String, among candidates: [String]) -> String {
  nearest(to: name, among: candidates).map { "; did you mean “\($0)”?" } ?? ""
}
