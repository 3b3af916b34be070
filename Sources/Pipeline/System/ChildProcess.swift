// Runs a program: own log, own process group, CPU time and peak memory from the
// kernel. Knows nothing of stages.

import Foundation

/// How a program ended.
struct ChildResult: Sendable {
  /// The exit status; 128 + signal where a signal ended it.
  var status: Int32
  var signal: Int32?
  /// User and system time, with that of its children, seconds.
  var cpuSeconds: Double
  /// Largest resident set, bytes; never less than what the runner had when it started the program, since
  /// Linux counts from before the program is loaded.
  var peakMemory: Int
  var seconds: Double
}

/// A program that was started. The thread that started it has to live as long as it runs.
final class ChildProcess {
  /// The number under which a program finds the descriptor that it inherits.
  static let inheritedDescriptor: Int32 = 3

  private let name: String
  private let process: pid_t
  private let interruption: Interruption
  private let start = ContinuousClock.now
  private var forwarded = 0
  private var hasEnded = false

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - command: an absolute program path and its arguments.
  ///   - log: where standard output and standard error go; what was there is kept.
  ///   - inheriting: a descriptor that the program keeps open, as number
  ///     `inheritedDescriptor`.
  ///   - interruption: passed on to the program's process group; asked twice, the group is killed.
  /// - Throws: `PipelineError` where it can't be started.
  init(
    _ command: [String], folder: URL, environment: [String: String], log: URL,
    inheriting: Int32? = nil, interruption: Interruption
  ) throws {
    name = command[0]
    self.interruption = interruption
    process = try Self.spawn(command, folder, environment, log, inheriting)
  }

  /// A program that nobody waits for any more has no business going on.
  deinit {
    guard !hasEnded else { return }
    kill(-process, SIGKILL)
    waitpid(process, nil, 0)
  }

  /// How it ended, or nil while it runs. Passes on requests to stop; to be called some ten times a
  /// second until it has ended.
  func result() throws -> ChildResult? {
    var status: Int32 = 0
    var usage = rusage()
    let ended = wait4(process, &status, WNOHANG, &usage)
    guard ended == process else {
      if ended < 0, errno != EINTR {
        throw PipelineError.system("can't be waited for", name, code: errno)
      }
      if interruption.count > forwarded {
        kill(-process, forwarded == 0 ? SIGINT : SIGKILL)
        forwarded = interruption.count
      }
      return nil
    }
    hasEnded = true
    // What the program itself left running has no business going on.
    kill(-process, SIGKILL)
    let signal = status & 0x7F
    return ChildResult(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, signal: signal == 0 ? nil : signal,
      cpuSeconds: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
      peakMemory: Int(usage.ru_maxrss) * 1024, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  /// Waits between two looks at programs: briefly at first, so that short ones don't have to wait.
  struct Pause {
    private var microseconds: UInt32 = 500

    mutating func wait() {
      usleep(microseconds)
      microseconds = min(microseconds * 3 / 2, 50_000)
    }
  }

  /// Starts a program, and returns when it has ended.
  ///
  /// - Throws: `PipelineError` where it can't be started.
  static func run(
    _ command: [String], folder: URL, environment: [String: String], log: URL,
    interruption: Interruption
  ) throws -> ChildResult {
    let child = try ChildProcess(
      command, folder: folder, environment: environment, log: log, interruption: interruption)
    var pause = Pause()
    while true {
      if let result = try child.result() { return result }
      pause.wait()
    }
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
  }

  private static func spawn(
    _ command: [String], _ folder: URL, _ environment: [String: String], _ log: URL,
    _ inheriting: Int32?
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log.path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    for descriptor in openDescriptors() where descriptor > 2 && descriptor != inheriting {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    if let inheriting {
      posix_spawn_file_actions_adddup2(&actions, inheriting, inheritedDescriptor)
      if inheriting != inheritedDescriptor {
        posix_spawn_file_actions_addclose(&actions, inheriting)
      }
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))

    guard access(command[0], X_OK) == 0 else {
      throw PipelineError.system("can't be started", command[0], code: errno)
    }
    var process: pid_t = 0
    // Swift doesn't see the file action that changes the folder, so `env` does.
    let words = ["/usr/bin/env", "-C", folder.path] + mortal(command)
    let code = withCStrings(words) { arguments in
      withCStrings(environment.map { "\($0.key)=\($0.value)" }.sorted()) { environment in
        posix_spawn(&process, words[0], &actions, &attributes, arguments, environment)
      }
    }
    guard code == 0 else { throw PipelineError.system("can't be started", command[0], code: code) }
    return process
  }

  /// What this process has open, whoever opened it: none of it is the program's business.
  private static func openDescriptors() -> [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [])
      .compactMap { Int32($0) }
  }

  /// The command, wrapped so that the kernel kills it when the thread that waits for it dies, as by
  /// `kill -9` of the runner. Where util-linux's `setpriv` is missing, it goes without.
  private static func mortal(_ command: [String]) -> [String] {
    let wrapper = "/usr/bin/setpriv"
    guard access(wrapper, X_OK) == 0 else { return command }
    return [wrapper, "--pdeathsig", "KILL", "--"] + command
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let pointers = texts.map { strdup($0) }
    defer { pointers.forEach { free($0) } }
    return body(pointers + [nil])
  }
}
