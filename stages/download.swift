// ---
// desc: Fetches the competition's files from Kaggle
// params: [competition.slug, download]
// outs: [data/raw]
// ---

import Foundation
import Kaggle
import Notebook
import Workbench

struct DownloadParameters: Codable { var files: [String] }

await Stage.run { stage in
  // %% [markdown]
  // # The competition's files
  // The files come from Kaggle's API with the credentials of `kaggle.json`, or from a folder named by
  // `--data`. Which of the two is no part of this stage's fingerprint: the files are.

  cell("What to fetch")
  let slug = try stage.parameters("competition.slug", as: String.self)
  let wanted = try stage.parameters("download", as: DownloadParameters.self).files
  let raw = try stage.output("data/raw")
  try FileManager.default.createDirectory(at: raw, withIntermediateDirectories: true)
  let source: any FileSource =
    if let folder = stage.option("data") {
      LocalFolder(url: URL(fileURLWithPath: folder, isDirectory: true))
    } else {
      try KaggleSource(slug: slug, partial: stage.scratch, warn: { stage.warn($0) })
    }
  print("from \(source.name)")

  let files = try source.list().filter { file in wanted.contains { matches(file.name, pattern: $0) } }
  guard !files.isEmpty else {
    throw StageFailure(
      "\(source.name) has no file that matches download.files (\(wanted.joined(separator: ", "))) in params.yaml",
      exit: .badInput)
  }

  cell("Files")
  let total = files.reduce(0) { $0 + $1.bytes }
  let progress = stage.progress("download", total: Int(total), unit: "bytes")
  var before: Int64 = 0
  for file in files {
    try source.fetch(file, into: raw) { progress.update(done: Int(before + $0), note: file.name) }
    before += file.bytes
    progress.update(done: Int(before), note: file.name)
  }
  show(
    Table(
      columns: ["file", "bytes"],
      rows: files.map { [$0.name, $0.bytes.formatted()] }))
}
