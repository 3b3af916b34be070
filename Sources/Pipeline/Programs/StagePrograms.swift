// The programs of stages: built where they are stale, and still the same when their turn comes. The one
// place that builds stages, for a run and for `work build`.

import Basics
import Foundation
import Hashing

/// What is known of the programs of stages, by stage.
struct StagePrograms {
  private enum Program {
    /// The program with its arguments.
    case interpreted([String])
    /// How it looked when it was built.
    case built(URL, look: FileStamp?)
    /// The compiler's errors, with file and line.
    case broken(String)
  }

  private let staleness: Staleness
  private let builder: any StageBuilder
  private let observer: any RunObserver
  private var programs: [String: Program] = [:]

  init(_ staleness: Staleness, builder: any StageBuilder, observer: any RunObserver) {
    self.staleness = staleness
    self.builder = builder
    self.observer = observer
  }

  /// Builds the programs of stages in their order, until that is interrupted. A stage that doesn't compile
  /// stops only itself.
  ///
  /// - Parameter log: where the compiler's output of a stage goes.
  /// - Throws: `PipelineError` where no build can be started, or it was interrupted; what was built until
  ///   then is known.
  mutating func build(
    _ stages: [String], interruption: Interruption, log: (String) throws -> URL
  ) throws {
    for stage in stages {
      guard interruption.count == 0 else {
        throw PipelineError("interrupted before \(stage) was built", exit: .interrupted)
      }
      guard let source = staleness.graph.script(of: stage) else { continue }
      if case .script(let interpreter) = source.language {
        let script = staleness.codeRoot.appendingPathComponent(source.path)
        programs[stage] = .interpreted(interpreter + [script.path])
        continue
      }
      let outcome = try builder.build(
        stage: stage, identity: try staleness.buildIdentity(of: source), log: try log(stage),
        interruption: interruption
      ) { observer.observe(RunEvent($0, of: stage)) }
      switch outcome {
      case .built(let program, let seconds):
        programs[stage] = .built(program, look: Self.look(at: program))
        if let seconds { observer.observe(.buildFinished(stage: stage, seconds: seconds)) }
      case .failed(let errors, let log):
        // The compiler that was stopped says nothing of the stage.
        if interruption.count > 0 { break }
        programs[stage] = .broken(errors)
        observer.observe(.buildFailed(stage: stage, errors: errors, log: log))
      }
    }
  }

  /// The compiler's errors; nil for a stage that was built, or that nothing is known of.
  func errors(of stage: String) -> String? {
    if case .broken(let errors)? = programs[stage] { errors } else { nil }
  }

  /// Whether any stage doesn't compile.
  var areBroken: Bool { programs.keys.contains { errors(of: $0) != nil } }

  /// The program of an instance with its arguments, an absolute path first.
  ///
  /// - Throws: `PipelineError` where it was not built, as for what wasn't stale when the run began, or isn't
  ///   what was built: hours may lie between the build and here, and a `swift build` of somebody else's.
  func command(for instance: Instance) throws -> [String] {
    switch programs[instance.stage] {
    case nil, .broken?:
      throw Self.becameStale(instance)
    case .interpreted(let command)?: return command
    case .built(let program, let look)?:
      guard Self.look(at: program) == look else {
        throw PipelineError(
          "\(program.path) was rebuilt during the run, so it is no longer what the run began with; run again",
          exit: .failed)
      }
      return [program.path]
    }
  }

  static func becameStale(_ instance: Instance) -> PipelineError {
    PipelineError("\(instance.name) became stale during the run; run again", exit: .failed)
  }

  private static func look(at program: URL) -> FileStamp? {
    guard case .file(let stamp)? = try? FolderWalk.entry(at: program.path) else { return nil }
    return stamp
  }
}

extension Staleness {
  /// A digest of everything that a stage's program is built from.
  func buildIdentity(of source: StageScript) throws -> String {
    let code = try code(of: source).sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value)" }.joined(separator: "\n")
    // The script's bytes, too: the lines that it reports are those of its source.
    let raw = [source.path, "Package.swift"].map {
      Digest.hex(
        of: [UInt8]((try? Data(contentsOf: codeRoot.appendingPathComponent($0))) ?? Data()))
    }
    return Digest.hex(of: code + "\n" + raw.joined(separator: "\n"))
  }
}
