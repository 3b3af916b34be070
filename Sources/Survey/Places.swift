// Where each file of a competition goes below data/: the rules of `unzip.place`.

import Basics

/// The places of archives and tables.
struct Places {
  /// The folder below data/ of each archive with pictures.
  private(set) var folders: [String: String] = [:]
  /// Names or patterns with their folders, as `unzip.place` has them.
  private(set) var rules: [(name: String, folder: String)] = []
  /// The files that have a place.
  private(set) var fetched: [String] = []

  /// - Throws: `InputError` where an archive would have to be divided.
  init(_ parts: PictureParts, _ files: ServedFiles, _ tables: ServedTables) throws {
    let (train, test) = (parts.train.family, parts.test.family)
    guard train.archive != test.archive else {
      throw InputError(
        "\(train.archive): holds training images (\(train.title)) and test images (\(test.title)): unzip.place can "
          + "give an archive one place only. Pack the two into archives of their own, train.zip and test.zip"
      )
    }
    var wanted: [(family: PictureFamily, base: String, part: String)] = [
      (train, "train", "images"), (test, "test", "images"),
    ]
    if let masks = parts.masks, masks.family.archive != train.archive {
      guard masks.family.archive != test.archive else {
        throw InputError(
          "\(test.archive): holds test images and training masks; pack the two into archives of their own"
        )
      }
      wanted.append((masks.family, "train", "masks"))
    }
    for (family, base, part) in wanted {
      // An archive by itself goes to the folder as a whole, unless its pictures lie at its root.
      let isAlone = wanted.count { $0.base == base } == 1
      let folder = isAlone && family.folders.first != nil ? base : "\(base)/\(part)"
      folders[family.archive] = folder
      rules.append((family.archive, folder))
    }
    for archive in files.archives where folders[archive.name] == nil {
      let hasTables = tables.tables.contains { $0.source == archive.name }
      guard hasTables else { continue }
      // What `*.csv` doesn't reach: a zipped table is called as the table.
      if !archive.name.lowercased().hasSuffix(".csv.zip") { rules.append((archive.name, "tables")) }
      fetched.append(archive.name)
    }
    rules.append(("*.csv", "tables"))
    fetched = (fetched + folders.keys + files.tables).sorted()
  }

  /// Where a table will lie.
  func place(of table: ServedTable) -> String {
    guard let member = table.member else { return "data/tables/\(table.source)" }
    return "data/\(folders[table.source] ?? "tables")/\(member)"
  }
}
