// The sweeps of a workspace: a folder each below `.work/sweeps`, and what is asked of them from another terminal. The
// command that runs a sweep alone writes its file; all others ask by files of their own.

import Basics
import Foundation

/// All sweeps of a workspace.
public struct Sweeps: Sendable {
  /// The workspace that they are of.
  public let workspace: Workspace

  /// Opens the sweeps of a workspace; nothing is read yet.
  public init(_ workspace: Workspace) { self.workspace = workspace }

  private var root: URL { workspace.work.appendingPathComponent("sweeps", isDirectory: true) }
  private var pauseFile: URL { root.appendingPathComponent("pause") }
  private var owner: URL { root.appendingPathComponent("lock.pid") }
  /// Holds the number of the sweep that was run last, or is run now.
  private var currentFile: URL { root.appendingPathComponent("current") }
  private static let removal = "remove-"

  private func folder(_ id: Int) -> URL {
    root.appendingPathComponent(String(id), isDirectory: true)
  }

  private func file(_ id: Int) -> URL { folder(id).appendingPathComponent("sweep.json") }

  // MARK: Reading

  /// Numbers of all sweeps, rising.
  public func ids() -> [Int] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? [])
      .compactMap { Int($0) }.filter { WholeFile.exists(file($0)) }.sorted()
  }

  /// A sweep with what is asked of it taken in.
  ///
  /// - Throws: `PipelineError` where there is none, or its file is damaged.
  public func sweep(_ id: Int) throws -> Sweep {
    let file = file(id)
    guard WholeFile.exists(file) else {
      let known = ids().map(String.init).joined(separator: ", ")
      throw PipelineError(
        "no sweep \(id); " + (known.isEmpty ? "there is none yet" : "there are: \(known)"))
    }
    guard let data = try? Data(contentsOf: file),
      var sweep = try? JSONDecoder().decode(Sweep.self, from: data),
      sweep.version == Sweep.currentVersion, sweep.isSound
    else {
      throw PipelineError(
        "\(file.path): is damaged, or of another version of work; remove \(folder(id).path), then start the sweep anew "
          + "(what has run comes from the cache)")
    }
    for number in removals(id) {
      if var setting = sweep.settings.first(where: { $0.number == number && $0.state == .waiting })
      {
        setting.state = .removed
        sweep.set(setting)
      }
    }
    // The run of one that is "running" may be gone.
    if runningProcess == nil || current != id {
      for var setting in sweep.settings(.running) {
        setting.state = .waiting
        sweep.set(setting)
      }
    }
    return sweep
  }

  /// All sweeps, the oldest first.
  ///
  /// - Throws: `PipelineError` where a file is damaged.
  public func all() throws -> [Sweep] { try ids().map(sweep) }

  /// The process that runs a sweep now; nil where none does.
  public var runningProcess: Int32? {
    if case .running(let process) = WorkspaceOwner.look(owner) { process } else { nil }
  }

  private var current: Int? {
    (try? String(contentsOf: currentFile, encoding: .utf8)).flatMap {
      Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }

  private func removals(_ id: Int) -> [Int] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder(id).path)) ?? [])
      .filter { $0.hasPrefix(Self.removal) }.compactMap { Int($0.dropFirst(Self.removal.count)) }
      .sorted()
  }

  // MARK: Asking

  /// Whether no setting is to be begun.
  public var isPaused: Bool { WholeFile.exists(pauseFile) }

  /// Keeps sweeps from beginning settings; what runs goes on.
  public func pause() throws { try WholeFile.write("", to: pauseFile) }

  /// Lets sweeps go on.
  public func resume() throws { try WholeFile.remove(pauseFile) }

  /// Takes a setting out that waits.
  ///
  /// - Throws: `PipelineError` where there is none of that number, or it doesn't wait.
  public func remove(setting number: Int, of id: Int) throws {
    let sweep = try sweep(id)
    guard let setting = sweep.settings.first(where: { $0.number == number }) else {
      throw PipelineError("sweep \(id) has no setting \(number), but 1 to \(sweep.settings.count)")
    }
    switch setting.state {
    case .waiting: break
    case .running:
      throw PipelineError(
        "setting \(number) of sweep \(id) is running; `work stop` ends it, and the sweep with it")
    case .removed: return
    case .done, .failed, .dropped:
      throw PipelineError(
        "setting \(number) of sweep \(id) is \(setting.state.rawValue), so it waits no more")
    }
    try WholeFile.write(
      "", to: folder(id).appendingPathComponent("\(Self.removal)\(number)"))
  }

  // MARK: Running

  /// The right to run sweeps, as long as it is held; the kernel takes it back from a process that dies.
  public final class Right {
    private let owner: WorkspaceOwner
    fileprivate init(_ owner: WorkspaceOwner) { self.owner = owner }
  }

  /// Takes the right to run sweeps.
  ///
  /// - Throws: `PipelineError` naming the process that has it.
  public func take() throws -> Right {
    if let process = runningProcess, process != getpid() {
      throw PipelineError(
        "another `work sweep` (process \(process)) is at work in this workspace; `work queue` shows what waits",
        exit: .locked)
    }
    return Right(try WorkspaceOwner(owner))
  }

  /// Makes a new sweep.
  ///
  /// - Parameter values: of each setting, a value for each key.
  /// - Throws: `FileError`.
  public func make(
    _ request: Sweep.Request, keys: [String], values: [[String]], basis: String
  ) throws -> Sweep {
    let sweep = Sweep(
      id: (ids().last ?? 0) + 1, created: RunFolder.timestamp(Date()), request: request, keys: keys,
      basis: basis, values: values)
    try save(sweep)
    try WholeFile.write("\(sweep.id)\n", to: currentFile)
    return sweep
  }

  /// The latest sweep that asks for the same of the same parameters and code; nil where there is none.
  ///
  /// - Throws: `PipelineError` where a file is damaged.
  public func latest(_ request: Sweep.Request, basis: String) throws -> Sweep? {
    try all().last { $0.request == request && $0.basis == basis }
  }

  /// Writes a sweep down.
  ///
  /// - Throws: `FileError`.
  public func save(_ sweep: Sweep) throws {
    try WholeFile.write(json: sweep, to: file(sweep.id))
  }

  /// A sweep to be run, or run on: what was broken off or has failed waits again.
  ///
  /// - Throws: `PipelineError` where there is none, or its file is damaged.
  public func begin(_ id: Int) throws -> Sweep {
    var sweep = try sweep(id)
    sweep.begin()
    try save(sweep)
    try WholeFile.write("\(id)\n", to: currentFile)
    return sweep
  }
}

extension Sweep {
  /// Whether its parts agree: files may hold anything.
  fileprivate var isSound: Bool {
    !keys.isEmpty
      && settings.enumerated().allSatisfy {
        $1.number == $0 + 1 && $1.values.count == keys.count
      }
  }
}
