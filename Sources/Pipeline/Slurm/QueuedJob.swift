// What is kept of an instance's job, so that another run finds it again: `.work/jobs/INSTANCE`, with the order that
// it was given, its script, what it says, and how it ended. Runs that follow a job have links to these files; when
// it is done with, they get the files.

import Basics
import Foundation

/// A job of an instance, submitted or about to be.
struct QueuedJob: Codable {
  /// The instance's name.
  var instance: String
  /// Of all that the outputs depend on: a job of another fingerprint makes something else.
  var fingerprint: String
  /// Its number; nil where a runner was killed before it knew.
  var job: String?
  /// Folders of the runs that follow it, or have.
  var runs: [String]
  /// Whether it is to end, so that nobody counts on it.
  var isCancelled = false

  /// Tells it from the jobs of others, as its comment in the queue.
  func comment(in workspace: Workspace) -> String {
    "\(fingerprint.prefix(16)) of \(workspace.root.path)"
  }
}

/// The folder of an instance's job.
struct JobFolder {
  let instance: String
  private let workspace: Workspace

  init(_ instance: String, in workspace: Workspace) {
    self.instance = instance
    self.workspace = workspace
  }

  /// Those of all instances, sorted by name.
  static func all(in workspace: Workspace) -> [JobFolder] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: workspace.jobs.path)) ?? []
    return names.filter { !$0.hasPrefix(".") }
      .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
      .map { JobFolder($0, in: workspace) }.filter(\.isThere)
  }

  private var url: URL { workspace.jobs.appendingPathComponent(instance, isDirectory: true) }
  private var file: URL { url.appendingPathComponent("job.json") }
  /// Order, log, record, events and requests.
  var files: RunFolder { RunFolder(url: url) }
  /// What the job runs.
  var script: URL { url.appendingPathComponent("job.sh") }
  /// How the program ended: written by the script.
  var status: URL { url.appendingPathComponent("status") }
  /// There as long as the script has asked the program to keep a checkpoint and end.
  var asked: URL { url.appendingPathComponent("asked") }
  /// Whether anything is known of a job.
  var isThere: Bool { WholeFile.exists(url) }

  /// What is known of the job; nil where nothing is, or it can't be read.
  func read() -> QueuedJob? {
    (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(QueuedJob.self, from: $0) }
  }

  /// Keeps what is known, for sure: a job that is forgotten would write beside a second one.
  func write(_ job: QueuedJob) throws {
    try WholeFile.write(try JSON.pretty(job) + [0x0A], to: file)
  }

  /// Makes the files of a run links to those here.
  func link(from run: RunFolder) throws {
    try WholeFile.makeFolder(url)
    for file in files.files(of: instance) + [files.requests(instance)] {
      let link = run.url.appendingPathComponent(file.lastPathComponent)
      try WholeFile.remove(link)
      // Relative, so that a workspace may be moved.
      guard symlink("../../jobs/\(instance)/\(file.lastPathComponent)", link.path) == 0 else {
        throw PipelineError.system("can't be made a link", link.path, code: errno)
      }
    }
  }

  /// Gives the runs that have links the files, the last one its requests, too, and removes the rest.
  func dissolve() throws {
    let folders = (read()?.runs ?? []).map {
      RunFolder(url: workspace.runs.appendingPathComponent($0, isDirectory: true))
    }
    for run in folders where WholeFile.exists(run.url) {
      for file in files.files(of: instance) {
        let place = run.url.appendingPathComponent(file.lastPathComponent)
        try WholeFile.remove(place)
        guard WholeFile.exists(file) else { continue }
        if Foundation.link(file.path, place.path) == 0 { continue }
        do { try FileManager.default.copyItem(at: file, to: place) } catch {
          throw PipelineError(
            "\(place.path): can't be written (\(systemReason(error)))", exit: .failed)
        }
      }
      try WholeFile.remove(run.requests(instance))
    }
    let requests = files.requests(instance)
    if let last = folders.last, WholeFile.exists(last.url), WholeFile.exists(requests),
      rename(requests.path, last.requests(instance).path) != 0
    {
      throw PipelineError.system("can't be moved", requests.path, code: errno)
    }
    try WholeFile.remove(url)
  }
}

extension RunFolder {
  /// The files of an instance, without its requests; not all are there.
  fileprivate func files(of instance: String) -> [URL] {
    [record(instance), events(instance), order(instance), log(instance), threads(instance)]
  }
}
