// What a person keeps in the place of an output, moved out of its way before the output takes the place:
// `.work/displaced/RUN/PATH`, until `work gc` frees it.

import Basics
import Foundation
import Hashing

extension RunSession {
  /// Moves away what lies in an output's place and no run has made: files that were added there, or changed by hand, and a
  /// link in the place of the output itself. What a run made, or what comes again with the new output, stays and is replaced.
  ///
  /// - Parameters:
  ///   - path: the output's place.
  ///   - instance: whose output it is.
  ///   - written: the new output.
  /// - Throws: `PipelineError` where something can't be moved; it is then where it was.
  func displace(_ path: String, of instance: Instance, for written: URL) throws {
    let place = workspace.url(of: path)
    guard WholeFile.exists(place), let run = journal.folder?.id else { return }
    let displaced = workspace.displaced.appendingPathComponent(run, isDirectory: true)
    if FolderWalk.isLink(at: place.path) {
      try move(place, to: displaced.appendingPathComponent(path))
      observer.observe(
        .notice(
          "\(path) was a link; it is now \(name(of: displaced))/\(path), and what it leads to is where it was"
        ))
      return
    }
    let made = staleness.lock.entries[instance.name]?.outputs[path]
    guard try project.hashes.state(of: path) != made else { return }
    let foreign = try foreignFiles(at: path, made: made?.hash, written)
    guard !foreign.isEmpty else { return }
    for file in foreign {
      try step("displace \(file)")
      try move(workspace.url(of: file), to: displaced.appendingPathComponent(file))
    }
    let names = foreign.prefix(3).joined(separator: ", ") + (foreign.count > 3 ? ", …" : "")
    let what =
      foreign.count == 1
      ? "was there, and no run's" : "were there, \(foreign.count) files that are no run's"
    observer.observe(
      .notice(
        "\(names) \(what): moved to \(name(of: displaced)) before \(path) was written; `work gc` frees it"
      ))
    project.hashes.forget()
  }

  private func name(of folder: URL) -> String {
    ".work/\(workspace.displaced.lastPathComponent)/\(folder.lastPathComponent)"
  }

  /// Files in an output's place that neither the lock's result, nor the new one, nor any that the cache has, holds there.
  private func foreignFiles(at path: String, made: String?, _ written: URL) throws -> [String] {
    let hashes = project.hashes
    func isKept(_ hash: String) -> Bool { cache?.store.contains(hash) ?? false }
    guard let old = try hashes.tree(of: path) else {
      guard let state = try hashes.state(of: path) else { return [] }
      let isKnown = try state == hashes.state(of: written.path) || isKept(state.hash)
      return isKnown ? [] : [path]
    }
    let new = try hashes.tree(of: written.path)
    var known: [String: Set<String>] = [:]
    for case .file(let file, let hash) in new?.nodes ?? [] {
      known[file, default: []].insert(Digest.hex(hash))
    }
    for entry in made.flatMap({ TreeStore(workspace).listing($0) })?.entries ?? [] {
      known[entry.path, default: []].insert(entry.hash)
    }
    return old.nodes.compactMap { node in
      guard case .file(let file, let bytes) = node else { return nil }
      let hash = Digest.hex(bytes)
      return known[file]?.contains(hash) == true || isKept(hash) ? nil : "\(path)/\(file)"
    }
  }

  private func move(_ source: URL, to target: URL) throws {
    try WholeFile.makeFolder(target.deletingLastPathComponent())
    if rename(source.path, target.path) == 0 { return }
    guard errno == EXDEV else {
      throw PipelineError.system("can't be moved away", source.path, code: errno)
    }
    do {
      try FileManager.default.copyItem(at: source, to: target)
      try FileManager.default.removeItem(at: source)
    } catch {
      throw PipelineError(
        "\(source.path): can't be moved away (\(systemReason(error)))", exit: .failed)
    }
  }
}
