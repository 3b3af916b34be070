// What is made of groups and folds: those that a table names, and groups that ids show.

import Foundation

extension Survey {
  /// Folds and groups by a column of a table; where none names groups, by the ids.
  mutating func noteGroups(_ parts: PictureParts, _ places: Places, _ sample: SampleFacts) {
    let (ids, test) = (parts.train.ids.ids, parts.test.ids.ids)
    let all = Set(ids + test)
    let others = tables.tables.filter { $0.name != sample.table.name }
    if let folds = ImageColumn.folds(among: others, ids: Set(ids), all: all) {
      noteFolds(folds, ids, places)
    }
    if let groups = ImageColumn.groups(among: others, ids: Set(ids), all: all),
      isReadable(groups, "files.groups")
    {
      findings.groupsTable = places.place(of: groups.table.source, groups.table.member)
      findings.groupColumn = groups.name
      noteGroups(ids.compactMap { groups.values[$0] }, test.compactMap { groups.values[$0] })
      findings.reasons["files.groups"] =
        "\(groups.name) of \(groups.table.name): \(shownGroups("groups"))"
      findings.notes.append(
        "files.groups: images with the same \(groups.name) in \(groups.table.name) share a fold; set it to null if they "
          + "have no more in common than others")
      return
    }
    guard let groups = IDGroups(ids) else { return }
    findings.groups = groups.pattern
    let separator = groups.pattern.dropFirst("{group}".count).dropLast()
    func group(of id: String) -> String { id.components(separatedBy: separator)[0] }
    noteGroups(ids.map(group), test.map(group))
    findings.reasons["groups"] = "ids name \(shownGroups("sequences"))"
  }

  private mutating func noteFolds(_ folds: ImageColumn, _ ids: [String], _ places: Places) {
    let numbers = Set(ids.compactMap { folds.values[$0].flatMap { Int($0) } })
    guard numbers == Set(0..<numbers.count) else {
      findings.notes.append(
        "files.folds: \(folds.name) of \(folds.table.name) has folds from \(numbers.min() ?? 0) to "
          + "\(numbers.max() ?? 0); to be used, they have to be numbered from 0 without a gap")
      return
    }
    guard isReadable(folds, "files.folds") else { return }
    findings.foldsTable = places.place(of: folds.table.source, folds.table.member)
    findings.foldColumn = folds.name
    findings.foldCount = numbers.count
    findings.reasons["files.folds"] =
      "\(numbers.count) folds by \(folds.name) of \(folds.table.name)"
  }

  /// Whether the table calls its ids as the others do, as it has to; noted where it doesn't.
  private mutating func isReadable(_ column: ImageColumn, _ key: String) -> Bool {
    guard column.idName != findings.idColumn else { return true }
    findings.notes.append(
      "\(key): \(column.table.name) has a column \(column.name), but calls the ids \(column.idName) and not "
        + "\(findings.idColumn); to use it, call both the same")
    return false
  }

  private mutating func noteGroups(_ train: [String], _ test: [String]) {
    findings.groupCounts = Dictionary(train.map { ($0, 1) }, uniquingKeysWith: +)
    findings.groupsGoOn = test.contains { findings.groupCounts[$0] != nil }
  }

  /// How many groups there are, and the largest.
  private func shownGroups(_ what: String) -> String {
    let counts = findings.groupCounts
    let shown = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
      .map { "\($0.key) (\($0.value))" }
    return
      "\(counts.count) \(what): \(shown.joined(separator: ", "))\(counts.count > 3 ? ", …" : "")"
  }
}
