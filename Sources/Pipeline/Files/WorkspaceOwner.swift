// One writer at a time: a lock on `.work/lock.pid` that the kernel drops when its last holder is gone.
// Stages inherit it, so that a stage which outlives a killed runner still keeps a second run off its files.

import Basics
import Foundation

/// Who has the right to write in a workspace.
public enum WorkspaceHolder: Sendable, Equatable {
  case nobody
  /// A run is going on.
  case running(process: Int32)
  /// A run was killed; the next one takes the workspace over.
  case gone(process: Int32)
  /// A run was killed, and a stage that it had started still holds the lock.
  case leftBehind(process: Int32)
}

/// The right to write in a workspace, held until the value goes.
final class WorkspaceOwner {
  /// The descriptor that holds the lock; for stages to inherit.
  let descriptor: Int32
  /// A word about an owner that died without giving the workspace back, or nil.
  let notice: String?

  /// Takes the workspace.
  ///
  /// - Throws: `PipelineError` naming the process that has it.
  init(_ file: URL) throws {
    try WholeFile.makeFolder(file.deletingLastPathComponent())
    let opened = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard opened >= 0 else {
      throw PipelineError.system("can't be opened", file.path, code: errno)
    }
    // Not under the number by which heirs are known: two runs that start at once are none.
    let descriptor = fcntl(opened, F_DUPFD_CLOEXEC, ChildProcess.inheritedDescriptor + 1)
    let code = errno
    close(opened)
    guard descriptor >= 0 else {
      throw PipelineError.system("can't be opened", file.path, code: code)
    }
    var tries = 0
    var stopped: Set<pid_t> = []
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let owner = Self.owner(descriptor)
      let isRunning = owner.map(Self.isRunning)
      tries += 1
      // Without a name in it the file is just being taken, or was just given back.
      if isRunning == true || tries > 50 {
        close(descriptor)
        throw Self.occupied(owner, isRunning: isRunning != false)
      }
      // A stage of a killed runner gets the kernel's signal at once; what the stage had started doesn't.
      if isRunning == false, tries > 1 {
        for process in Self.heirs(of: file) where kill(process, SIGKILL) == 0 {
          stopped.insert(process)
        }
      }
      usleep(50_000)
    }
    self.descriptor = descriptor
    notice = Self.owner(descriptor).map {
      "the run of process \($0) was killed or crashed; this command has taken over its workspace"
        + (stopped.isEmpty ? "" : ", and what its stage had left running is stopped")
    }
    Self.write("\(getpid())\n", descriptor)
  }

  deinit {
    Self.write("", descriptor)
    close(descriptor)
  }

  /// Who has a workspace, without taking it.
  static func look(_ file: URL) -> WorkspaceHolder {
    let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .nobody }
    defer { close(descriptor) }
    guard let owner = owner(descriptor) else { return .nobody }
    // The lock first: the number of a run that was killed may be another process's by now.
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return .gone(process: owner) }
    return isRunning(owner) ? .running(process: owner) : .leftBehind(process: owner)
  }

  private static func occupied(_ owner: pid_t?, isRunning: Bool) -> PipelineError {
    let process = owner.map { "process \($0)" } ?? "another process"
    return PipelineError(
      isRunning
        ? "another `work run` (\(process)) is at work in this workspace; wait until it is done"
        : "a stage that was started by \(process), which is gone, is still running in this workspace; "
          + "wait until it ends, or stop it", exit: .locked)
  }

  /// Whether a process is there and isn't just waiting for its parent to take note of its end.
  static func isRunning(_ process: pid_t) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return false }
    return !text[end...].hasPrefix(") Z") && !text[end...].hasPrefix(") X")
  }

  /// Processes that hold the lock as stages inherit it.
  private static func heirs(of file: URL) -> [pid_t] {
    let place = file.resolvingSymlinksInPath().path
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.compactMap { pid_t($0) }.filter { process in
      let link = "/proc/\(process)/fd/\(ChildProcess.inheritedDescriptor)"
      return process != getpid()
        && (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == place
    }
  }

  private static func owner(_ descriptor: Int32) -> pid_t? {
    var buffer = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    let text = String(decoding: buffer[..<count], as: UTF8.self)
    return pid_t(text.filter(\.isNumber))
  }

  private static func write(_ text: String, _ descriptor: Int32) {
    ftruncate(descriptor, 0)
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }
}
