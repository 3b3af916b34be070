// ---
// desc: Fetches the competition's files from Kaggle
// params: [competition.slug, download]
// outs: [data/raw]
// secrets: [KAGGLE_*]
// ---

import Downloading
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # The competition's files
  // The files come from Kaggle's API with the user's access token or `kaggle.json`, or from a folder named
  // by `--data`. The fingerprint holds the competition's slug and the names of the files, not where
  // they come from. `work run download --force` fetches what has changed at Kaggle since.

  cell("Fetch")
  let slug: String = try stage.parameters("competition.slug")
  let wanted: DownloadSettings = try stage.parameters("download")
  let files =
    if let folder = stage.option("data") {
      try stage.copyFiles(wanted, from: folder)
    } else {
      try await stage.fetchFiles(wanted, of: slug)
    }

  cell("What came")
  let came = try stage.move(files, into: "data/raw")
  show([
    Figure("files", came.count.formatted()),
    Figure("size", String(format: "%.1f MB", Double(came.reduce(0) { $0 + $1.bytes }) / 1e6)),
  ])
  show(Table(columns: ["file", "bytes"], rows: came.map { [$0.name, $0.bytes.formatted()] }))
}
