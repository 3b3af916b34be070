// The section `runtime.slurm` of params.yaml, checked: what a job asks a Slurm cluster for. docs/clusters.md
// describes the keys.

import Basics
import Foundation

/// What jobs ask for, beside what is known of each instance.
struct SlurmSettings {
  /// Of the cluster's partitions; nil: its default.
  var partition: String?
  /// Whom the cluster charges; nil: the user's default.
  var account: String?
  /// The time limit of a job as sbatch takes it; nil: the partition's.
  var time: String?
  /// Threads of each job; nil: `runtime.threads`.
  var cpus: Int?
  /// Bytes that each job asks for at least; nil: what the last run took, with some slack.
  var memory: Int?
  /// Stages that run on this machine all the same; nil where nothing is said of them.
  var local: [String]?
  /// Further options of sbatch, a word each.
  var options: [String] = []
  /// The folder of Slurm's commands; nil: those on the PATH.
  var commands: URL?
  /// Seconds between two looks at the queue.
  var pollSeconds = 5.0

  private static let keys = [
    "partition", "account", "time", "cpus", "memory", "local", "options", "commands",
    "poll_seconds",
  ]
  /// What the runner says itself, or what would make something else of a job than it counts on.
  private static let own = [
    "array", "chdir", "comment", "cpus-per-task", "error", "export", "export-file", "input",
    "job-name", "mem", "no-requeue", "ntasks", "open-mode", "output", "parsable", "requeue",
    "signal", "test-only", "wait", "wrap",
  ]

  /// - Parameter runtime: the section `runtime`.
  /// - Throws: `PipelineError` naming the key that is unknown or holds what makes no sense.
  init(_ runtime: RuntimeOptions) throws {
    let members: [JSONValue.Member]
    switch runtime.values["slurm"] {
    case nil, .null?: return
    case .object(let found)?: members = found
    case let value?:
      throw PipelineError("runtime.slurm is \(value.kind), but should be a section of keys")
    }
    for member in members where !(member.value == .null) { try take(member) }
  }

  private mutating func take(_ member: JSONValue.Member) throws {
    let value = member.value
    func wrong(_ wanted: String) -> PipelineError {
      PipelineError("runtime.slurm.\(member.key) is \(value.canonical), but should be \(wanted)")
    }
    func word() throws -> String {
      let text = value.plainText
      switch value {
      case .string, .int:
        guard !text.isEmpty, !text.hasPrefix("-"), !text.contains(where: \.isWhitespace) else {
          throw wrong("one word")
        }
        return text
      default: throw wrong("one word")
      }
    }
    func words() throws -> [String] {
      guard case .array(let items) = value else { throw wrong("a list of words") }
      return try items.map {
        guard case .string(let text) = $0, !text.isEmpty else { throw wrong("a list of words") }
        return text
      }
    }
    switch member.key {
    case "partition": partition = try word()
    case "account": account = try word()
    case "time":
      guard value.plainText.wholeMatch(of: /\d+(:\d\d){0,2}|\d+-\d+(:\d\d){0,2}/) != nil else {
        throw wrong("minutes, or a time as sbatch takes it, such as 4:00:00 or 1-12")
      }
      time = value.plainText
    case "cpus":
      guard case .int(let count) = value, count > 0 else { throw wrong("a whole number from 1") }
      cpus = count
    case "memory":
      guard let bytes = Self.bytes(value.plainText) else {
        throw wrong("megabytes, or a number with its unit, such as 4G or 900M")
      }
      memory = bytes
    case "local": local = try words()
    case "options":
      options = try words()
      for option in options { try check(option) }
    case "commands":
      guard case .string(let path) = value, path.hasPrefix("/") else {
        throw wrong("the absolute path of the folder with sbatch, squeue and scancel")
      }
      commands = URL(fileURLWithPath: path, isDirectory: true)
    case "poll_seconds":
      switch value {
      case .int(let seconds) where (1...3600).contains(seconds): pollSeconds = Double(seconds)
      case .double(let seconds) where seconds > 0 && seconds <= 3600: pollSeconds = seconds
      default: throw wrong("seconds, more than 0 and at most 3600")
      }
    default:
      throw PipelineError(
        "runtime.slurm.\(member.key): there is no such key"
          + Spelling.didYouMean(member.key, among: Self.keys)
          + " (there are: \(Self.keys.joined(separator: ", ")))")
    }
  }

  private func check(_ option: String) throws {
    let name = option.dropFirst(2).prefix { $0 != "=" }
    guard option.hasPrefix("--"), !name.isEmpty, !option.contains(where: \.isNewline) else {
      throw PipelineError(
        "runtime.slurm.options: “\(option)” should be an option of sbatch in its long form, such as --qos=long"
      )
    }
    // sbatch takes the beginning of an option for it, too.
    if let own = Self.own.first(where: { $0 == name || $0.hasPrefix(name) }) {
      throw PipelineError(
        "runtime.slurm.options: --\(own) is for `work` to set; leave \(option) out")
    }
  }

  /// Bytes that a text such as "4G" stands for; a number alone counts megabytes, as with sbatch.
  private static func bytes(_ text: String) -> Int? {
    guard let match = text.wholeMatch(of: /(\d{1,9})([KMGT]?)/), let number = Int(match.1),
      number > 0
    else { return nil }
    let shift =
      switch match.2 {
      case "K": 10
      case "G": 30
      case "T": 40
      default: 20
      }
    return number.multipliedReportingOverflow(by: 1 << shift).overflow ? nil : number << shift
  }
}
