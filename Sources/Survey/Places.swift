// Where each file of a competition goes below data/: the rules of `unzip.place`.

import Basics

/// The places of archives, of their parts, and of tables.
struct Places {
  /// Names or patterns with their folders, as `unzip.place` has them.
  private(set) var rules: [(name: String, folder: String)] = []
  /// The files that have a place.
  private(set) var fetched: [String] = []
  private var parts: [ArchivePart] = []

  /// A part of an archive that has a place of its own, or all of it.
  private struct ArchivePart {
    var archive: String
    /// The folders inside the archive that are no part of the place.
    var path: [String] = []
    /// Only files with this ending that lie there themselves; nil: all below it.
    var ending: String?
    /// Below data/.
    var folder: String

    /// The place of a file; nil where the part hasn't got it.
    func place(of member: String) -> String? {
      let components = member.pathNames
      guard components.starts(with: path) else { return nil }
      let rest = components.dropFirst(path.count)
      if let ending {
        guard rest.count == 1, member.lowercased().hasSuffix(".\(ending)") else { return nil }
      }
      return "data/\(folder)/\(rest.joined(separator: "/"))"
    }

    /// As `unzip.place` has it.
    var rule: String {
      ([archive] + path + (ending.map { ["*.\($0)"] } ?? [])).joined(separator: "/")
    }
  }

  /// A family of pictures that is needed.
  private struct Wanted {
    var family: PictureFamily
    /// train or test.
    var base: String
    /// images or masks.
    var part: String
    /// The folders in front of those that differ from image to image.
    var path: [String] { family.folders.prefix { $0 != nil }.compactMap { $0 } }
  }

  /// - Throws: `InputError` where training and test images of an archive can't be told apart by their folders.
  init(_ parts: PictureParts, _ files: ServedFiles, _ tables: ServedTables) throws {
    var wanted = [
      Wanted(family: parts.train.family, base: "train", part: "images"),
      Wanted(family: parts.test.family, base: "test", part: "images"),
    ]
    if let masks = parts.masks {
      wanted.append(Wanted(family: masks.family, base: "train", part: "masks"))
    }
    var seen: Set<String> = []
    for archive in wanted.map(\.family.archive) where seen.insert(archive).inserted {
      let own = wanted.filter { $0.family.archive == archive }
      let others = wanted.filter { $0.family.archive != archive }
      if Set(own.map(\.base)).count == 1 {
        // An archive by itself goes to the folder as a whole, unless its pictures lie at its root.
        let isAlone = !others.contains { $0.base == own[0].base }
        let folder =
          isAlone && !own[0].family.folders.isEmpty ? own[0].base : "\(own[0].base)/\(own[0].part)"
        add(ArchivePart(archive: archive, folder: folder))
      } else if !own.isEmpty {
        try divide(archive, own, others)
      }
    }
    addTables(files, tables)
  }

  private mutating func add(_ part: ArchivePart) {
    parts.append(part)
    rules.append((part.rule, part.folder))
    if !fetched.contains(part.archive) { fetched.append(part.archive) }
  }

  /// An archive with pictures of both sets: each set by the folder that only it lies in, or each family by its own.
  private mutating func divide(_ archive: String, _ own: [Wanted], _ elsewhere: [Wanted]) throws {
    for base in ["train", "test"] {
      let members = own.filter { $0.base == base }
      let others = own.filter { $0.base != base }
      guard let first = members.first else { continue }
      let common = members.dropFirst().reduce(first.path) { common, member in
        zip(common, member.path).prefix { $0 == $1 }.map(\.0)
      }
      let paths = common.indices.map { Array(common[...$0]) }
      if let path = paths.first(where: { path in !others.contains { $0.path.starts(with: path) } })
      {
        let isAlone = !elsewhere.contains { $0.base == base }
        add(
          ArchivePart(
            archive: archive, path: path, folder: isAlone ? base : "\(base)/\(first.part)"))
        continue
      }
      for member in members {
        let isApart = !own.contains { other in
          other.family != member.family && other.path.starts(with: member.path)
        }
        let isOfFiles = !own.contains { other in
          other.family != member.family && other.path == member.path
            && other.family.ending == member.family.ending
        }
        guard isApart && !member.path.isEmpty || isOfFiles && !member.family.hasOwnFolders else {
          throw InputError(
            "\(archive): holds training images (\(members[0].family.title)) and test images "
              + "(\(others[0].family.title)), which no folder tells apart, as unzip.place has to. Pack the two into "
              + "archives of their own, train.zip and test.zip")
        }
        add(
          ArchivePart(
            archive: archive, path: member.path,
            ending: isApart && !member.path.isEmpty ? nil : member.family.ending,
            folder: "\(base)/\(member.part)"))
      }
    }
  }

  private mutating func addTables(_ files: ServedFiles, _ tables: ServedTables) {
    let members =
      tables.tables.map { ($0.source, $0.member, "csv") }
      + tables.annotations.map { ($0.source, $0.member, "json") }
    for case (let source, let member?, let ending) in members
    where place(source, member) == nil {
      guard parts.contains(where: { $0.archive == source }) else {
        // What `*.csv` doesn't reach: a zipped table is called as the table.
        if source.lowercased().hasSuffix(".csv.zip") {
          parts.append(ArchivePart(archive: source, folder: "tables"))
          fetched.append(source)
        } else {
          add(ArchivePart(archive: source, folder: "tables"))
        }
        continue
      }
      let path = Array(member.pathNames.dropLast())
      add(ArchivePart(archive: source, path: path, ending: ending, folder: "tables"))
    }
    let json = tables.annotations.filter { $0.member == nil }.map(\.source)
    let isReached = files.archives.contains { $0.name.lowercased().hasSuffix(".csv.zip") }
    if !files.tables.isEmpty || isReached || !rules.contains(where: { $0.folder == "tables" }) {
      rules.append(("*.csv", "tables"))
    }
    if !json.isEmpty { rules.append(("*.json", "tables")) }
    fetched = (fetched + files.tables + json).sorted()
  }

  private func place(_ source: String, _ member: String) -> String? {
    parts.lazy.filter { $0.archive == source }.compactMap { $0.place(of: member) }.first
  }

  /// Where a file will lie, by the file of the competition that it is or, as a member, is in.
  func place(of source: String, _ member: String?) -> String {
    member.flatMap { place(source, $0) } ?? "data/tables/\(member ?? source)"
  }

  /// A pattern of a family's paths as it will be below data/.
  func pattern(_ family: PictureFamily, _ text: String) -> String {
    let part = parts.first { part in
      part.archive == family.archive && family.folders.starts(with: part.path)
        && (part.ending == nil
          || part.ending == family.ending && part.path.count == family.folders.count)
    }
    let rest = text.pathNames.dropFirst(part?.path.count ?? 0)
    return "data/\(part?.folder ?? "train")/\(rest.joined(separator: "/"))"
  }
}
