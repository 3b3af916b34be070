// An instance's program as a job of Slurm: submitted, followed by its files and by the queue, left to itself where
// the runner is interrupted, and submitted again where its node failed.

import Basics
import Foundation
import Notebook

/// A job that is followed.
final class SlurmJob: StartedStage {
  private let launch: Launch
  private let folder: JobFolder
  private let slurm: SlurmExecutor
  private let follower: EventFollower
  private var known: QueuedJob
  private var news: [StageEvent] = []
  private var told = ""
  private var state: SlurmJobState?
  private var submissions = 0
  /// When the job was first seen to have ended, and its status not.
  private var missing: ContinuousClock.Instant?
  private var isCancelled = false
  private var hasEnded = false

  /// A job that ends without a result by no fault of its program is tried so often in one run.
  private static let mostSubmissions = 4

  /// Follows a job that is there.
  init(following known: QueuedJob, _ launch: Launch, in folder: JobFolder, by slurm: SlurmExecutor)
  {
    self.launch = launch
    self.folder = folder
    self.slurm = slurm
    self.known = known
    follower = EventFollower(folder.files.events(folder.instance))
    let name = known.job.map { "job \($0)" } ?? "the job"
    news = [.message("goes on as \(name), which an earlier run submitted")]
  }

  /// Submits a job, and follows it.
  ///
  /// - Throws: `PipelineError` where it is refused.
  convenience init(
    submitting launch: Launch, in folder: JobFolder, by slurm: SlurmExecutor, run: RunFolder
  ) throws {
    let job = QueuedJob(
      instance: folder.instance, fingerprint: launch.fingerprint, runs: [run.id])
    self.init(following: job, launch, in: folder, by: slurm)
    news = []
    try submit()
  }

  var job: String? { known.job }
  // A job has the threads that it was submitted with.
  func grant(threads: Int) {}

  // MARK: Into the queue

  private func submit() throws {
    submissions += 1
    let script = JobScript(
      folder: folder, launch: launch, root: slurm.workspace.root,
      scontrol: try? slurm.commands.path("scontrol"))
    try WholeFile.write(script.text, to: folder.script)
    // Who looks at the log of a job that waits sees that it has printed nothing.
    let log = folder.files.log(folder.instance)
    if !WholeFile.exists(log) { try WholeFile.write("", to: log) }
    known.job = nil
    // Before there is a job: one that nobody knows the number of is found by its comment.
    try folder.write(known)
    let answer = try slurm.commands.run(
      "sbatch", slurm.arguments(launch, comment: known.comment(in: slurm.workspace), in: folder),
      secrets: launch.instance.secrets)
    let number = answer.text.split(whereSeparator: \.isNewline)
      .compactMap { $0.wholeMatch(of: /(\d+)(;.*)?/)?.1 }.last
    guard answer.status == 0, let number else {
      let refusal = SlurmWords.refusal(of: folder.instance, answer)
      // Where the controller didn't answer, it may have taken the job; the next run looks for it.
      if refusal.exit == .badInput { try folder.dissolve() }
      throw refusal
    }
    known.job = String(number)
    try folder.write(known)
    state = nil
    missing = nil
    news.append(.message("is job \(number)" + (submissions > 1 ? " now" : "")))
  }

  // MARK: On its way

  func look() throws -> (events: [StageEvent], end: StageEnd?) {
    // In this order: what it said before its end is read after it.
    let end = try end()
    let events = news + follower.events()
    news = []
    return (events, end)
  }

  private func end() throws -> StageEnd? {
    if isCancelled { return .lost("its job was cancelled", isStopped: true) }
    if let status = try JobStatus(contentsOf: folder.status) { return try conclude(status) }
    if slurm.interruption.count > 0 { return .left }
    try slurm.queue.poll()
    guard let jobs = slurm.queue.jobs, let job = known.job, let looked = slurm.queue.looked else {
      return nil
    }
    let now = jobs[job]
    if let now {
      state = now
      tell(now)
      guard now.isOver else {
        missing = nil
        return nil
      }
    } else if state == nil, submissions > 0, missing == nil {
      // The look may be of before the submission.
      missing = looked
      return nil
    }
    // Files of another machine may take a while to show up here.
    let since = missing ?? .now
    missing = since
    if looked <= since || ContinuousClock.now - since < slurm.patience { return nil }
    return try lost(now)
  }

  private func tell(_ state: SlurmJobState) {
    let isHeld = state.reason.lowercased().contains("held")
    let text: String? =
      switch state.name {
      case "PENDING" where isHeld:
        "job \(known.job ?? "?") is held (\(state.reason)): `scontrol release` lets it go on"
      case "PENDING":
        "job \(known.job ?? "?") waits in the queue"
          + (state.reason == "None" ? "" : " (\(state.reason))")
      case "RUNNING": "job \(known.job ?? "?") runs on \(state.node)"
      default: nil
      }
    // The reason for waiting changes all the time.
    let key = state.name == "PENDING" ? "PENDING\(isHeld)" : "\(state.name) \(state.node)"
    guard let text, key != told else { return }
    told = key
    news.append(isHeld ? .warning(text) : .message(text))
  }

  // MARK: At its end

  private func conclude(_ status: JobStatus) throws -> StageEnd? {
    let now = ContinuousClock.now
    let since = missing ?? now
    missing = since
    let isPatient = now - since < slurm.patience
    if events < status.eventBytes, isPatient { return nil }
    if status.isOutOfTime, submissions < Self.mostSubmissions {
      news.append(
        .warning("job \(known.job ?? "?") is out of time; a new one goes on from its checkpoint"))
      try WholeFile.remove(folder.status)
      try submit()
      return nil
    }
    if status.result.signal == SIGKILL {
      // Whether memory ran out, the queue knows a little later.
      try slurm.queue.poll()
      if let job = known.job, let state = slurm.queue.jobs?[job], state.isOver,
        state.name == "OUT_OF_MEMORY"
      {
        hasEnded = true
        return .lost(SlurmWords.end(state, launch, slurm), isStopped: false)
      }
      if isPatient { return nil }
    }
    hasEnded = true
    return .ended(status.result)
  }

  /// Bytes of events that have arrived here.
  private var events: Int64 {
    let path = folder.files.events(folder.instance).path
    guard case .file(let stamp)? = try? FolderWalk.entry(at: path) else { return 0 }
    return stamp.size
  }

  /// What becomes of a job that has ended without a status.
  private func lost(_ state: SlurmJobState?) throws -> StageEnd? {
    let hasCheckpoint =
      (try? FileManager.default.contentsOfDirectory(atPath: launch.state.path))?.isEmpty == false
    let mayGoOn = state.map { $0.isMishap || $0.name == "TIMEOUT" && hasCheckpoint } ?? false
    if let state, mayGoOn, submissions < Self.mostSubmissions {
      news.append(
        .warning(
          "job \(known.job ?? "?") has ended (\(state.name)); a new one goes on"
            + (hasCheckpoint ? " from its checkpoint" : "")))
      try submit()
      return nil
    }
    hasEnded = true
    return .lost(
      SlurmWords.end(state, launch, slurm), isStopped: state?.name == "CANCELLED")
  }

  func cancel() throws {
    guard !isCancelled, let job = known.job else { return }
    // Before it is told: whoever comes next waits for its end.
    known.isCancelled = true
    try folder.write(known)
    try slurm.commands.cancel(job)
    isCancelled = true
  }

  func close() throws {
    if hasEnded { try folder.dissolve() }
  }
}
