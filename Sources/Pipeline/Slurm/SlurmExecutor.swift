// Programs as jobs of a Slurm cluster: what a job asks for, which jobs are there already, and which of them are of no
// use any more.

import Basics
import Foundation

/// Submits programs as jobs, and finds those of earlier runs again.
final class SlurmExecutor: Executor {
  let settings: SlurmSettings
  let workspace: Workspace
  let commands: SlurmCommands
  let queue: SlurmQueue
  let interruption: Interruption
  private let jobs: Int?
  private let threads: Int
  private let tell: (String) -> Void

  /// - Parameters:
  ///   - jobs: so many at a time; nil: as many as there are, for the cluster knows what has room.
  ///   - threads: of each, where the settings don't say.
  ///   - interruption: leaves the jobs to themselves.
  ///   - tell: told what a person should know.
  init(
    _ settings: SlurmSettings, in workspace: Workspace, jobs: Int?, threads: Int,
    interruption: Interruption, tell: @escaping (String) -> Void
  ) {
    self.settings = settings
    self.workspace = workspace
    self.jobs = jobs
    self.threads = threads
    self.interruption = interruption
    self.tell = tell
    commands = SlurmCommands(settings.commands, in: workspace)
    queue = SlurmQueue(commands, every: .seconds(settings.pollSeconds), tell: tell)
  }

  /// How long files of another machine may take to show up here.
  var patience: Duration { .seconds(settings.pollSeconds) * 3 }

  func admits(_ need: Int?, beside others: [Int?]) -> Bool {
    jobs.map { others.count < $0 } ?? true
  }
  func threads(among count: Int) -> Int { mostThreads }
  var mostThreads: Int { settings.cpus ?? threads }

  func place(of instance: Instance, fingerprint: String, in run: RunFolder) throws -> StagePlace {
    let folder = JobFolder(instance.name, in: workspace)
    if var job = try usable(folder, fingerprint) {
      job.runs = job.runs.filter { $0 != run.id } + [run.id]
      try folder.link(from: run)
      try folder.write(job)
      return StagePlace(run: run, files: folder.files, goesOn: true)
    }
    try drop(folder)
    try folder.link(from: run)
    return StagePlace(run: run, files: folder.files)
  }

  func start(_ launch: Launch, at place: StagePlace) throws -> any StartedStage {
    let folder = JobFolder(launch.instance.name, in: workspace)
    guard place.goesOn, let known = folder.read() else {
      return try SlurmJob(submitting: launch, in: folder, by: self, run: place.run)
    }
    return SlurmJob(following: known, launch, in: folder, by: self)
  }

  // MARK: What a job asks for

  /// Megabytes; nil: the cluster's default. A quarter more than the last run took, since no run is like the one
  /// before, and room for the script.
  func megabytes(_ launch: Launch) -> Int? {
    let expected = launch.memory.map { $0 / 4 * 5 + 256 << 20 }
    return [expected, settings.memory].compactMap { $0 }.max().map { max(1, $0 >> 20) }
  }

  /// The options of sbatch, and the script.
  func arguments(_ launch: Launch, comment: String, in folder: JobFolder) -> [String] {
    var arguments = [
      "--parsable", "--job-name=work/\(folder.instance)", "--comment=\(comment)",
      "--chdir=\(workspace.root.path)",
      // sbatch replaces what begins with %.
      "--output=\(folder.files.log(folder.instance).path.replacing("%", with: "%%"))",
      "--open-mode=append", "--requeue", "--signal=B:USR1@60", "--ntasks=1",
      "--cpus-per-task=\(mostThreads)",
      // What sbatch itself is given is what the program may have.
      "--export=ALL",
    ]
    if let megabytes = megabytes(launch) { arguments.append("--mem=\(megabytes)M") }
    if let partition = settings.partition { arguments.append("--partition=\(partition)") }
    if let account = settings.account { arguments.append("--account=\(account)") }
    if let time = settings.time { arguments.append("--time=\(time)") }
    return arguments + settings.options + [folder.script.path]
  }

  // MARK: Jobs that are there

  /// A job of an earlier run that makes what is wanted: it waits, runs, or has ended by itself.
  func usable(_ folder: JobFolder, _ fingerprint: String) throws -> QueuedJob? {
    guard var job = folder.read(), job.fingerprint == fingerprint, !job.isCancelled else {
      return nil
    }
    func hasStatus() -> Bool { ((try? JobStatus(contentsOf: folder.status)) ?? nil) != nil }
    if hasStatus() { return job }
    if job.job == nil {
      // A runner was killed as it submitted it.
      let comment = job.comment(in: workspace)
      let found = try queue.look().first { !$0.value.isOver && $0.value.comment == comment }
      // It may have ended since the first look.
      guard let found else { return hasStatus() ? job : nil }
      job.job = found.key
      try folder.write(job)
    }
    guard let number = job.job, let state = try queue.look()[number], !state.isOver else {
      return hasStatus() ? job : nil
    }
    return job
  }

  /// Ends a job that is of no use, waits until it has ended, and puts away what is kept of it.
  ///
  /// - Throws: `PipelineError` where that can't be done; the job is then still known.
  func drop(_ folder: JobFolder) throws {
    guard folder.isThere else { return }
    var pause = ChildProcess.Pause()
    let start = ContinuousClock.now
    while let (job, state) = try cancel(folder, because: "which is of no use any more") {
      guard interruption.count == 0 else {
        throw PipelineError("interrupted while job \(job) ended", exit: .interrupted)
      }
      guard ContinuousClock.now - start < .seconds(180) else {
        throw PipelineError(
          "job \(job) of \(folder.instance) doesn't end (\(state.name)); run again when it has",
          exit: .failed)
      }
      for _ in 0..<20 { pause.wait() }
    }
    try folder.dissolve()
  }

  /// Ends a job, once.
  ///
  /// - Parameter reason: what is told of it.
  /// - Returns: the job, as long as it hasn't ended.
  /// - Throws: `PipelineError` where squeue or scancel fails.
  func cancel(_ folder: JobFolder, because reason: String) throws -> (
    job: String, state: SlurmJobState
  )? {
    guard var known = folder.read() else { return nil }
    let comment = known.comment(in: workspace)
    let jobs: [String: SlurmJobState]
    do { jobs = try queue.look() } catch let error as PipelineError {
      throw PipelineError(
        "\(folder.instance) was submitted as job \(known.job ?? "of unknown number"), and whether it has ended "
          + "can't be told: \(error)", exit: error.exit)
    }
    let found = jobs.first { job, state in
      !state.isOver && (job == known.job || known.job == nil && state.comment == comment)
    }
    guard let found else { return nil }
    if !known.isCancelled || known.job == nil {
      known.job = found.key
      known.isCancelled = true
      // Before it is told: whoever comes next waits for its end.
      try folder.write(known)
      tell("\(folder.instance): cancels job \(found.key), \(reason)")
      try commands.cancel(found.key)
    }
    return (found.key, found.value)
  }
}
