// What users ask of a run while it goes on, as files in its folder: stopping the run, and what its stages heed
// themselves. docs/protocol.md describes the files.

import Basics
import Foundation
import Notebook

/// Looks for the file that asks a run to stop, and has its stages keep their state before it interrupts them.
struct StopRequest {
  private var looked: ContinuousClock.Instant?
  private var heeded: ContinuousClock.Instant?
  private static let lookEvery = Duration.milliseconds(200)
  /// A stage that takes longer over its checkpoint is interrupted all the same.
  private static let patience = Duration.seconds(30)

  /// What to do at this moment of a run.
  enum Step { case nothing, tellStages, interrupt }

  /// Whether the run is asked to stop, and what comes next.
  mutating func look(_ folder: RunFolder, isHeeded: Bool) -> Step {
    let now = ContinuousClock.now
    if let heeded { return !isHeeded || now - heeded > Self.patience ? .interrupt : .nothing }
    if let looked, now - looked < Self.lookEvery { return .nothing }
    looked = now
    guard WholeFile.exists(folder.stop) else { return .nothing }
    heeded = now
    return .tellStages
  }
}

extension RunSession {
  /// Stops the run where its folder asks for it: as Ctrl-C does, but stages that heed requests write a
  /// checkpoint first.
  func heedStop() throws {
    guard !isInterrupted, let folder = journal.folder else { return }
    let heeding = states.running.filter(\.heedsRequests)
    switch stopRequest.look(folder, isHeeded: !heeding.isEmpty) {
    case .nothing: break
    case .tellStages:
      observer.observe(.notice("stopping, as `work stop` asked"))
      stop(.interrupted)
      for execution in heeding { try execution.ask(Requests.stop) }
      if heeding.isEmpty { try interrupt() }
    case .interrupt: try interrupt()
    }
  }

  /// Ctrl-C leaves the jobs of a cluster; who asks a run to stop means them, too.
  private func interrupt() throws {
    for execution in states.running {
      do { try execution.cancel() } catch let error as any Failing {
        observer.observe(.notice("\(execution.instance.name): \(error)"))
      }
    }
    options.interruption.request()
  }
}

extension Execution {
  /// Whether the stage looks at what is asked of it.
  var heedsRequests: Bool { folder.heedsRequests(instance.name) }

  /// Asks the stage for something.
  func ask(_ name: String) throws {
    try WholeFile.write("", to: requests.appendingPathComponent(name))
  }

  /// Asks again for what an earlier run was asked for and couldn't do, since it was killed.
  func takeOverRequests(_ latest: LatestRuns, _ entry: Lock.Entry, in files: RunFolder) throws {
    guard let earlier = latest.folder(of: instance.name, in: workspace.runs),
      earlier.id != folder.id,
      RunRecord.read(earlier.json)?.isBrokenOff(in: instance.name) == true
    else { return }
    // What the lock has been given of that run, it has done.
    if let done = lockEntry, done.course != nil, done.inputs == entry.inputs,
      done.parameters == entry.parameters, done.code == entry.code
    {
      return
    }
    let old = earlier.requests(instance.name)
    let asked = Requests(in: old.path)
    let names =
      (asked.stopsAfterStep ? [Requests.stopAfterStep] : []) + asked.extensions.map(\.name)
    guard !names.isEmpty else { return }
    let requests = files.requests(instance.name)
    try WholeFile.makeFolder(requests)
    for name in names {
      let data = try Data(contentsOf: old.appendingPathComponent(name))
      try WholeFile.write(data, to: requests.appendingPathComponent(name))
    }
    tell(
      "\(instance.name): the run \(earlier.id) was killed before it did what was asked of it "
        + "(\(names.joined(separator: ", "))); this run does")
  }

  /// Says what came of requests.
  func noteCourse(_ course: Course?) {
    if let course { tell("\(instance.name) was \(course.description)") }
    let asked = Requests(in: requests.path)
    let isLate =
      asked.stopsAfterStep && course?.stoppedAfter == nil
      || !asked.extensions.isEmpty && course?.extended.isEmpty != false
    if isLate { tell("\(instance.name) had come to its end before it saw what was asked of it") }
  }
}

extension RunRecord {
  /// Whether the run was killed while an instance ran in it. The workspace has to be ours.
  fileprivate func isBrokenOff(in instance: String) -> Bool {
    ended == nil
      && instances.contains { $0.instance == instance && $0.status == Item.running }
  }
}
