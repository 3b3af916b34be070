// The runs that a workspace remembers: their folders below `.work/runs`, by id, tag or age, and what is
// said of them.

import Basics
public import Foundation

/// All runs of a workspace.
public struct RunHistory: Sendable {
  /// Where the runs are.
  public let workspace: Workspace

  /// Opens the history of a workspace; nothing is read yet.
  public init(_ workspace: Workspace) { self.workspace = workspace }

  /// The runs' ids, newest first.
  public func ids() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: workspace.runs.path)) ?? []
    let runs = workspace.runs.path
    // Ids are a time and a number, which may have any count of digits.
    var keyed: [(time: Substring, number: Int, id: String)] = []
    for name in names where !name.hasPrefix(".") {
      var status = stat()
      guard lstat("\(runs)/\(name)/run.json", &status) == 0 else { continue }
      let end = name.utf8.lastIndex(of: 0x2D) ?? name.endIndex
      keyed.append((name[..<end], Int(name[end...].dropFirst()) ?? 0, name))
    }
    keyed.sort { $0.time == $1.time ? $0.number > $1.number : $0.time > $1.time }
    return keyed.map(\.id)
  }

  func folder(_ id: String) -> RunFolder {
    RunFolder(url: workspace.runs.appendingPathComponent(id, isDirectory: true))
  }

  /// The folder of a run.
  public func url(of id: String) -> URL { folder(id).url }

  /// The executed records that a run left, by instance, in order of their names.
  public func executedRecords(of id: String) -> [(instance: String, record: URL)] {
    let (folder, ending) = (url(of: id), ".record.jsonl")
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { $0.hasSuffix(ending) && !$0.hasPrefix(".") }.sorted()
      .map { (String($0.dropLast(ending.count)), folder.appendingPathComponent($0)) }
  }

  /// Finds the run that a name stands for: an id or the unique beginning of one, a tag, `latest`, or
  /// `latest~2` for the second before it.
  ///
  /// - Throws: `PipelineError` where there is none, or more than one.
  public func id(of name: String) throws -> String {
    let ids = ids()
    guard !ids.isEmpty else {
      throw PipelineError("no run is recorded in \(workspace.runs.path); `work run` makes one")
    }
    if ids.contains(name) { return name }
    if name == "latest" { return ids[0] }
    if name.hasPrefix("latest~") {
      guard let back = Int(name.dropFirst(7)), back >= 0 else {
        throw PipelineError("\(name): after latest~ comes a number, as in latest~1")
      }
      guard back < ids.count else {
        throw PipelineError("\(name): only \(ids.count) runs are recorded")
      }
      return ids[back]
    }
    let tags = ids.map { (id: $0, tags: label(of: $0).tags) }
    if let tagged = tags.first(where: { $0.tags.contains(name) }) { return tagged.id }
    let found = name.isEmpty ? [] : ids.filter { $0.hasPrefix(name) }
    guard let first = found.first else {
      throw PipelineError(
        "no run “\(name)”" + Spelling.didYouMean(name, among: tags.flatMap(\.tags) + ids)
          + "; `work runs` lists them, and `latest` is the last one")
    }
    guard found.count == 1 else {
      let some = found.prefix(3).joined(separator: ", ") + (found.count > 3 ? ", …" : "")
      throw PipelineError("“\(name)” is the beginning of \(found.count) runs' ids: \(some)")
    }
    return first
  }

  /// - Throws: `PipelineError` where run.json can't be read.
  func record(_ id: String) throws -> RunRecord {
    guard let record = RunRecord.read(folder(id).json) else {
      throw PipelineError("\(folder(id).json.path): is missing or damaged", exit: .failed)
    }
    return record
  }

  // MARK: Labels

  /// Tags and note of a run.
  public func label(of id: String) -> RunLabel { RunLabel.read(folder(id)) }

  /// Gives a run a tag.
  ///
  /// - Parameter moving: takes it from the run that has it.
  /// - Returns: the run that had the tag before, if another did.
  /// - Throws: `PipelineError` for a name that is none, or that stands for another run.
  @discardableResult
  public func tag(_ id: String, _ tag: String, moving: Bool = false) throws -> String? {
    try RunLabel.check(tag: tag)
    let other = ids().first { $0 != id && self.label(of: $0).tags.contains(tag) }
    if let other {
      guard moving else {
        throw PipelineError(
          "the tag \(tag) stands for the run \(other); --move takes it from there")
      }
      try untag(other, tag)
    }
    var label = label(of: id)
    if !label.tags.contains(tag) { label.tags = (label.tags + [tag]).sorted() }
    try label.write(folder(id))
    return other
  }

  /// Takes a tag from a run.
  ///
  /// - Throws: `PipelineError` where the run doesn't have it.
  public func untag(_ id: String, _ tag: String) throws {
    var label = label(of: id)
    guard label.tags.contains(tag) else {
      throw PipelineError(
        "the run \(id) has no tag \(tag)"
          + (label.tags.isEmpty ? "" : " (it has: \(label.tags.joined(separator: ", ")))"))
    }
    label.tags.removeAll { $0 == tag }
    try label.write(folder(id))
  }

  /// Sets a run's note; an empty text removes it.
  public func note(_ id: String, _ text: String) throws {
    var label = label(of: id)
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    label.note = words.isEmpty ? nil : words
    try label.write(folder(id))
  }
}
