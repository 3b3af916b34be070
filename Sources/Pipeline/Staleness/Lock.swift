// work.lock: what was true when each instance last ran. Plain YAML without times, sorted, so that git
// shows what changed.

package import Basics
import Foundation
import Notebook
import Scripts

/// The lock's entries by instance.
package struct Lock: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    var item: [JSONValue.Member] = []
    /// Digests by name: the script's path, modules, packages.
    var code: [String: String]
    /// Declared keys with the values that the run had.
    package var parameters: [JSONValue.Member] = []
    var inputs: [String: FileState] = [:]
    var outputs: [String: FileState] = [:]
    /// Parameters that the command overrode.
    var overrides: [String] = []
    /// What the stage found out once and keeps to, by name; see `PinnedValues`.
    package var pinned: [JSONValue.Member] = []
    /// How it went, where it was asked for other than planned while it ran.
    var course: Course?
    /// Why the outputs were kept though the code had changed.
    var accepted: String?

    var manifest: Manifest {
      Manifest(
        item: item, outputs: Array(outputs.keys), code: code, parameters: parameters,
        inputs: inputs.mapValues(\.hash), course: accepted == nil ? course : nil)
    }
  }

  static let version = 1
  package var entries: [String: Entry] = [:]

  /// Reads the lock; a file that isn't there is an empty lock.
  ///
  /// - Throws: `PipelineError` naming what is wrong: merge conflicts, another version, a damaged entry.
  static func read(_ url: URL) throws -> Lock {
    guard let data = try WholeFile.contents(of: url) else { return Lock() }
    guard let text = String(data: data, encoding: .utf8) else {
      throw PipelineError(
        "\(url.path): isn't UTF-8; restore the lock, or delete it to run all anew")
    }
    return try Lock(yaml: text, name: url.lastPathComponent)
  }

  package init() {}

  package init(yaml text: String, name: String = "work.lock") throws {
    for (index, line) in ScriptHeader.lines(of: text).enumerated()
    where line.hasPrefix("<<<<<<< ") || line.hasPrefix(">>>>>>> ") || line == "=======" {
      throw PipelineError(
        "\(name):\(index + 1): holds an unresolved merge conflict; take either side of it (what doesn't "
          + "fit the files on disk is run again), then go on")
    }
    let document: YAMLDocument
    do { document = try YAMLDocument(text, name: name) } catch let error as PipelineError {
      throw PipelineError("\(error.description); restore the lock, or delete it to run all anew")
    }
    guard let version = document.value["version"] else {
      throw PipelineError(
        "\(name): no `version`, so it is no lock; restore it, or delete it to run all anew")
    }
    guard version == .int(Self.version) else {
      throw PipelineError(
        "\(name): is of version \(version.plainText), and this `work` knows version \(Self.version); install "
          + "the `work` of this workspace (`make install`)")
    }
    guard case .object(let stages) = document.value["stages"] ?? .object([]) else {
      throw PipelineError("\(name): `stages` should be a section")
    }
    // A file that was cut can still be valid YAML.
    if case .int(let count)? = document.value["entries"], count != stages.count {
      throw PipelineError(
        "\(name): says that it has \(count) entries, but has \(stages.count): it was cut, or merged by hand; restore it, or take "
          + "its line `entries` away, and what is missing runs again")
    }
    for stage in stages {
      guard let entry = Entry(stage.value) else {
        let line = document.lines["stages.\(stage.key)"].map { ":\($0)" } ?? ""
        throw PipelineError(
          "\(name)\(line): the entry of \(stage.key) is damaged; delete it, and the stage runs again"
        )
      }
      entries[stage.key] = entry
    }
  }

  /// The lock as YAML.
  package var yaml: String {
    let stages = entries.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
      .map { JSONValue.Member($0.key, $0.value.value) }
    return "# What each stage last ran with. Written by `work`; keep it in version control.\n"
      + JSONValue.object([
        .init("version", .int(Self.version)), .init("entries", .int(stages.count)),
        .init("stages", .object(stages)),
      ]).yaml
  }

  /// Every hash that an entry names, for what is kept beside the lock.
  var hashes: Set<String> {
    var hashes: Set<String> = []
    for entry in entries.values {
      hashes.formUnion(entry.code.values)
      hashes.formUnion(entry.inputs.values.map(\.hash))
      hashes.formUnion(entry.outputs.values.map(\.hash))
    }
    return hashes
  }

  /// Writes the lock, whole or not at all.
  func write(to url: URL) throws { try WholeFile.write(yaml, to: url) }
}

extension Lock.Entry {
  fileprivate init?(_ value: JSONValue) {
    guard case .object(let members) = value else { return nil }
    code = [:]
    for member in members {
      switch (member.key, member.value) {
      case ("item", .object(let item)): self.item = item
      case ("code", .object(let code)):
        for part in code {
          guard case .string(let digest) = part.value else { return nil }
          self.code[part.key] = digest
        }
      case ("params", .object(let parameters)): self.parameters = parameters
      case ("deps", let value):
        guard let states = Self.states(value) else { return nil }
        inputs = states
      case ("outs", let value):
        guard let states = Self.states(value) else { return nil }
        outputs = states
      case ("pinned", .object(let values)): pinned = values
      case ("course", let value):
        guard let course = Course(value) else { return nil }
        self.course = course
      case ("overrides", .array(let keys)): overrides = keys.map(\.plainText)
      case ("accepted", .string(let reason)): accepted = reason
      default: return nil
      }
    }
  }

  private static func states(_ value: JSONValue) -> [String: FileState]? {
    guard case .object(let members) = value else { return nil }
    var states: [String: FileState] = [:]
    for member in members {
      guard case .string(let hash)? = member.value["hash"],
        case .int(let size)? = member.value["size"]
      else { return nil }
      states[member.key] = FileState(hash: hash, size: Int64(size))
    }
    return states
  }

  fileprivate var value: JSONValue {
    func sorted<Value>(_ parts: [String: Value], _ value: (Value) -> JSONValue)
      -> JSONValue
    {
      .object(
        parts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
          .map { .init($0.key, value($0.value)) })
    }
    func state(_ state: FileState) -> JSONValue {
      .object([.init("hash", .string(state.hash)), .init("size", .int(Int(state.size)))])
    }
    var members: [JSONValue.Member] = []
    if !item.isEmpty { members.append(.init("item", .object(item))) }
    members.append(.init("code", sorted(code) { .string($0) }))
    if !parameters.isEmpty { members.append(.init("params", .object(parameters))) }
    if !inputs.isEmpty { members.append(.init("deps", sorted(inputs, state))) }
    if !outputs.isEmpty { members.append(.init("outs", sorted(outputs, state))) }
    if !overrides.isEmpty {
      members.append(.init("overrides", .array(overrides.map { .string($0) })))
    }
    if !pinned.isEmpty { members.append(.init("pinned", .object(pinned))) }
    if let course { members.append(.init("course", course.value)) }
    if let accepted { members.append(.init("accepted", .string(accepted))) }
    return .object(members)
  }
}
