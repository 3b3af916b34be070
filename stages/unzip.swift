// ---
// desc: Unpacks the archives and puts every file where the other stages look for it
// deps: [data/raw]
// params: [competition, unzip]
// outs: [data/train, data/test, data/tables]
// ---

import Archive
import Datasets
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # Unpacking
  // Archives become folders below `data/`, or their parts do; tables are put beside each other. An archive that names
  // a place outside its folder is refused, and so are archives that together unpack to more than
  // `unzip.limit_gb`.

  cell("Where each file goes")
  let settings: UnzipSettings = try stage.parameters("unzip")
  // "Download All" on Kaggle's page gives one archive with all files in it.
  let opening = stage.progress("unpack", unit: "files")
  let raw = try competitionFolder(
    stage.input("data/raw"), by: settings.place, scratch: stage.scratch, limit: settings.limit
  ) { opening.update(done: $0.entries, of: $0.totalEntries) }
  let names = try FileManager.default.contentsOfDirectory(atPath: raw.path).sorted()
  let placement = try Placement(of: names, by: settings.place)
  for name in placement.left {
    stage.warn(
      "data/raw/\(name): left where it is; unzip.place in params.yaml names no place for it")
  }

  cell("Unpack")
  var rows: [[String]] = []
  var room = settings.limit
  for entry in placement.found {
    let progress = stage.progress("unpack \(entry.name)", unit: "files")
    let parts = try entry.parts.map { ($0.path, try stage.output("data/\($0.folder)")) }
    let unpacked = try unpack(raw.appendingPathComponent(entry.name), into: parts, limit: room) {
      progress.update(done: $0.entries, of: $0.totalEntries)
    }
    room -= unpacked.bytes
    if unpacked.leftovers > 0 {
      print(
        "\(entry.name): left out \(unpacked.leftovers.formatted()) files of operating systems' bookkeeping, such as __MACOSX"
      )
    }
    if let first = unpacked.oldNames.first {
      stage.warn(
        "data/raw/\(entry.name): names of files that aren't UTF-8 were read as code page 437: \(unpacked.oldNames.count.formatted()), "
          + "such as “\(first)”")
    }
    if let first = unpacked.left.first {
      stage.warn(
        "data/raw/\(entry.name): \(unpacked.left.count.formatted()) files weren't kept, such as \(first); "
          + "unzip.place in params.yaml names no place for them")
    }
    let folders = entry.parts.map { "data/\($0.folder)" }.joined(separator: ", ")
    rows.append([
      entry.name, folders, unpacked.files.formatted(), unpacked.bytes.formatted(),
    ])
  }
  show(Table(columns: ["from", "to", "files", "bytes"], rows: rows))

  // %% [markdown]
  // ## Are the tables as expected?
  // A column with another name would stop a later stage, perhaps after hours of training.
  // So each table that params.yaml names is read once, and its columns looked up.
  cell("Tables")
  show(try stage.checkTables())

  // %% [markdown]
  // ## Are the pictures where they are looked for?
  // Archives may hold one folder more than one thinks.
  cell("Pictures")
  try stage.checkPictureFolders()
  print("Every folder that competition.files names is there.")
}
