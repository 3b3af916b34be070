// ---
// desc: Fetches the competition's files from Kaggle
// params: [competition.slug, download]
// outs: [data/raw]
// ---

import Foundation
import Kaggle
import Notebook
import Transfer
import Workbench

struct DownloadParameters: Codable { var files: [String] }

await Stage.run { stage in
  // %% [markdown]
  // # The competition's files
  // The files come from Kaggle's API with the credentials of `kaggle.json`, or from a folder named
  // by `--data`. Which of the two is no part of this stage's fingerprint: what the competition's
  // files are, is. What changed at Kaggle since is noticed with `work run download --force`.

  cell("Fetch")
  let slug = try stage.parameters("competition.slug", as: String.self)
  let wanted = try stage.parameters("download", as: DownloadParameters.self).files
  // Files are gathered in scratch, so that what was fetched before a crash isn't fetched again.
  let gathered = stage.scratch.appendingPathComponent("files", isDirectory: true)
  try FileManager.default.createDirectory(at: gathered, withIntermediateDirectories: true)
  let files =
    if let folder = stage.option("data") {
      try copy(from: URL(fileURLWithPath: folder, isDirectory: true), wanted, to: gathered, stage)
    } else {
      try await fetch(slug, wanted, to: gathered, stage)
    }
  let raw = try stage.output("data/raw")
  try FileManager.default.createDirectory(at: raw, withIntermediateDirectories: true)
  for file in files {
    try FileManager.default.moveItem(
      at: file, to: raw.appendingPathComponent(file.lastPathComponent))
  }

  cell("What came")
  let sizes = try files.map { file in
    try raw.appendingPathComponent(file.lastPathComponent).resourceValues(forKeys: [.fileSizeKey])
      .fileSize ?? 0
  }
  show([
    Figure("files", files.count.formatted()),
    Figure("size", String(format: "%.1f MB", Double(sizes.reduce(0, +)) / 1e6)),
  ])
  show(
    Table(
      columns: ["file", "bytes"],
      rows: zip(files, sizes).map { [$0.lastPathComponent, $1.formatted()] }))
}

/// Fetches the files that match from Kaggle.
func fetch(_ slug: String, _ wanted: [String], to folder: URL, _ stage: Stage) async throws -> [URL]
{
  do {
    let environment = ProcessInfo.processInfo.environment
    let credentials = try Credentials.find(environment: environment)
    for warning in credentials.warnings { stage.warn(warning) }
    let kaggle = KaggleAPI(
      credentials: credentials, endpoint: try KaggleAPI.endpoint(environment: environment),
      client: TransferClient(TransferSettings(environment: environment)) { stage.message($0) })
    let files = try await kaggle.listFiles(slug).filter { file in
      wanted.contains { matches(file.name, pattern: $0) }
    }
    try check(files.map(\.name), wanted, source: slug)
    if let (one, other) = files.clash {
      throw StageFailure(
        "\(slug): \(one.name) and \(other.name) would both become one file in data/raw, which has no "
          + "folders; let download.files in params.yaml name only one of them", exit: .badInput)
    }
    let total = files.reduce(0) { $0 + ($1.bytes ?? 0) }
    let there = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: [.fileSizeKey])
    try stage.needs(bytes: total - there.reduce(0) { $0 + size(of: $1) }, for: slug)
    let progress = stage.progress("download", total: Int(total), unit: "bytes")
    var before: Int64 = 0
    var fetched: [URL] = []
    for file in files {
      let start = before
      let local = try await kaggle.download(slug, file, to: folder) {
        progress.update(done: Int(start + $0.bytes), note: file.name)
      }
      before += file.bytes ?? local.bytes
      progress.update(done: Int(before), note: file.name)
      fetched.append(local.url)
    }
    return fetched
  } catch let error as KaggleError {
    let exit: ExitCode =
      switch error.kind {
      case .noCredentials, .malformedCredentials, .invalidRequest: .badInput
      case .diskFull, .fileSystem: .failed
      default: .network
      }
    throw StageFailure(error.description, exit: exit)
  }
}

/// Copies the files that match from a folder.
func copy(from source: URL, _ wanted: [String], to folder: URL, _ stage: Stage) throws -> [URL] {
  let names = try FileManager.default.contentsOfDirectory(atPath: source.path).sorted()
    .filter { name in
      !name.hasPrefix(".")
        && wanted.contains { matches(name, pattern: $0) || matches(name, pattern: $0 + ".zip") }
    }
  try check(names, wanted, source: source.path)
  let sizes = names.map { size(of: source.appendingPathComponent($0).resolvingSymlinksInPath()) }
  try stage.needs(bytes: sizes.reduce(0, +), for: source.path)
  let progress = stage.progress("copy", total: names.count, unit: "files")
  return try names.map { name in
    let target = folder.appendingPathComponent(name)
    try? FileManager.default.removeItem(at: target)
    // Of a link, what it leads to: the link may be relative, and its target may go.
    try FileManager.default.copyItem(
      at: source.appendingPathComponent(name).resolvingSymlinksInPath(), to: target)
    progress.advance(note: name)
    return target
  }
}

/// A file's size in bytes; 0 where it isn't known.
func size(of file: URL) -> Int64 {
  Int64((try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0)
}

/// Refuses an empty selection, and a pattern that selects nothing.
func check(_ names: [String], _ wanted: [String], source: String) throws {
  for pattern in wanted
  where !names.contains(where: {
    matches($0, pattern: pattern) || matches($0, pattern: pattern + ".zip")
  }) {
    throw StageFailure(
      "\(source) has no file “\(pattern)” (download.files in params.yaml)", exit: .badInput)
  }
}
