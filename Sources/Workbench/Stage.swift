// The stage's side of the runner: declared inputs and outputs as paths, typed parameters, the seed,
// scratch space, progress. `Stage.run` is the frame around every script in stages/.

import Basics
public import Foundation
package import Notebook
import Synchronization

/// What a running stage may know and use: its order, opened.
public final class Stage: Sendable {
  let order: Order
  package let recorder: Recorder
  private let keysRead = Mutex<Set<String>>([])

  package init(order: Order, recorder: Recorder) {
    self.order = order
    self.recorder = recorder
  }

  /// Digests of the script and of the modules that it reaches, by name; an older runner tells none.
  package var code: [String: String] { order.code ?? [:] }

  /// The stage's name, as in "train".
  public var name: String { order.stage }
  /// The instance's name, as in "train@2"; the stage's own name where it has no `foreach`.
  public var instance: String { order.instance }

  /// How many threads the runner grants this stage now. What runs side by side shares the threads, so
  /// that the number changes when others begin or end.
  public var threads: Int { order.threads }
  /// The most threads that `threads` will ever be.
  public var mostThreads: Int { order.grant.most }

  /// A runtime option of this run as text, such as "data" for `--data DIR`; nil where it isn't set.
  /// Runtime options are recorded, but are no part of the fingerprint: they may not change a
  /// result.
  public func option(_ name: String) -> String? {
    switch order.runtime[name] {
    case .string(let text)? where !text.isEmpty: text
    case .int(let number)?: String(number)
    case .double(let number)?: String(number)
    case .bool(let flag)?: String(flag)
    default: nil
    }
  }

  /// A folder that survives a crash and comes back to the next run of the same instance with the
  /// same fingerprint: the place for checkpoints and partial downloads.
  public var scratch: URL { URL(fileURLWithPath: order.scratch, isDirectory: true) }

  /// The workspace's folder.
  public var workspace: URL { URL(fileURLWithPath: order.root, isDirectory: true) }

  /// A folder below .work that all stages share, for what is made again where it is missing.
  public func shared(_ name: String) -> URL {
    workspace
      .appendingPathComponent(".work", isDirectory: true)
      .appendingPathComponent(name, isDirectory: true)
  }

  /// The item of a `foreach` axis, as in `stage.item("fold")`.
  ///
  /// - Throws: `StageFailure` where the header declares no such axis or its items aren't whole numbers.
  public func item(_ axis: String) throws -> Int {
    guard case .int(let value)? = order.item[axis] else {
      throw StageFailure(
        "\(name): no `foreach` axis “\(axis)” of whole numbers in the header of \(order.script)",
        exit: .badInput)
    }
    return value
  }

  /// Says how much the stage is going to write, before it writes.
  ///
  /// - Parameters:
  ///   - bytes: what has to fit on the disk.
  ///   - what: a noun for the message, such as "the competition's files".
  /// - Throws: `StageFailure` where less is free.
  public func needs(bytes: Int64, for what: String) throws {
    guard let free = freeBytes(in: scratch), free < bytes else { return }
    throw StageFailure(
      "\(what): \(sizeText(bytes)) are needed, and \(sizeText(free)) are free on the disk of "
        + "\(scratch.path); `work gc` frees some")
  }

  // MARK: Paths

  /// A declared input's place, or of something inside a declared input.
  ///
  /// - Throws: `StageFailure` where the header declares no such dependency or nothing is there.
  public func input(_ path: String) throws -> URL {
    guard hasInput(path) else {
      throw undeclared(path, in: "deps", declared: order.inputs)
    }
    return try existing(path)
  }

  /// Whether the header declares `path` (or a folder around it) as an input. An optional input that
  /// params.yaml sets to null isn't declared.
  public func hasInput(_ path: String) -> Bool {
    order.inputs.contains { Self.lies(path, in: $0) }
  }

  /// The outputs, as declared by other stages, that a folder among the inputs stands for: what is
  /// there to read, whatever else lies in that folder.
  ///
  /// - Throws: `StageFailure` where the header declares no such dependency or an output isn't there.
  public func inputs(below folder: String) throws -> [URL] {
    guard let paths = order.expanded[folder] else { return [try input(folder)] }
    return try paths.map(existing)
  }

  /// Where to write a declared output, or something inside a declared output. What is written there
  /// gets its declared name when the stage has finished, never before.
  ///
  /// - Throws: `StageFailure` where the header declares no such output, `FileError` where its folder can't be
  ///   made.
  public func output(_ path: String) throws -> URL {
    for (declared, target) in order.outputs {
      if path == declared { return URL(fileURLWithPath: target) }
      if Self.lies(path, in: declared) {
        let url = URL(fileURLWithPath: target)
          .appendingPathComponent(path.path(below: declared) ?? "")
        try WholeFile.makeFolder(url.deletingLastPathComponent())
        return url
      }
    }
    throw undeclared(path, in: "outs", declared: order.outputs.keys.sorted())
  }

  /// Whether a path is a declared one or lies in it. One that climbs up again (`..`) never does.
  private static func lies(_ path: String, in declared: String) -> Bool {
    path == declared || path.lies(inFolder: declared) && !path.pathNames.contains("..")
  }

  private func existing(_ path: String) throws -> URL {
    let url = URL(
      fileURLWithPath: path, relativeTo: URL(fileURLWithPath: order.root, isDirectory: true)
    ).absoluteURL
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw StageFailure(
        "\(path): declared as an input of \(name), but nothing is there", exit: .badInput)
    }
    return url
  }

  private func undeclared(_ path: String, in list: String, declared: [String]) -> StageFailure {
    StageFailure(
      "\(path): not among the `\(list)` in the header of \(order.script)"
        + " (declared: \(declared.isEmpty ? "none" : declared.joined(separator: ", "))); add it there",
      exit: .badInput)
  }

  // MARK: Parameters

  /// A declared parameter or section of parameters, decoded.
  ///
  /// - Throws: `StageFailure` where the header doesn't declare `key`, a value is missing or of another
  ///   type, or the section holds a key that `Value` doesn't know; what `check` throws where `Value` is
  ///   `CheckedParameters`.
  public func parameters<Value: Codable>(_ key: String, as type: Value.Type = Value.self) throws
    -> Value
  {
    guard let value = order.params[path: key] else {
      throw StageFailure(
        "\(key): not among the `params` in the header of \(order.script); add it there",
        exit: .badInput)
    }
    keysRead.withLock { _ = $0.insert(key) }
    let decoded = try ParameterDecoding(key: key, value: value, overridden: order.overridden)
      .decode(type)
    try (decoded as? any CheckedParameters)?.check()
    return decoded
  }

  /// The seed of everything random, from the parameter `seed`.
  public func seed() throws -> UInt64 { try parameters("seed") }

  /// Declared parameters that nothing has read.
  package var unreadParameters: [String] {
    guard case .object = order.params else { return [] }
    let read = keysRead.withLock { $0 }
    return ParameterDecoding.leaves(of: order.params).filter { leaf in
      !read.contains { leaf == $0 || leaf.hasPrefix($0 + ".") || $0.hasPrefix(leaf + ".") }
    }
  }

  // MARK: Files

  /// Writes a value to a declared output, or into one, as indented JSON with sorted keys.
  ///
  /// - Throws: `StageFailure` where the header declares no such output, `FileError` where it can't be
  ///   written.
  public func write(_ value: some Encodable, to path: String) throws {
    try WholeFile.write(JSON.pretty(value), to: output(path))
  }

  /// Writes named values of any kind as one JSON object; those that are nil are left out.
  ///
  /// - Throws: as for one value.
  public func write(_ members: KeyValuePairs<String, (any Encodable)?>, to path: String) throws {
    struct AnyValue: Encodable {
      var value: any Encodable
      func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }
    var object: [String: AnyValue] = [:]
    for case (let name, let value?) in members { object[name] = AnyValue(value: value) }
    try write(object, to: path)
  }

  /// Reads a value from JSON, out of a declared input.
  ///
  /// - Throws: `StageFailure` where the header declares no such input, nothing is there, or it holds
  ///   something else.
  public func read<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) throws
    -> Value
  {
    let url = try input(path)
    do { return try JSONDecoder().decode(type, from: Data(contentsOf: url)) } catch {
      throw StageFailure("\(url.path): can't be read (\(error))", exit: .badInput)
    }
  }

  // MARK: Values found out once

  /// A value that depends on more than is declared, such as on the speed of this machine, and is
  /// therefore found out only once: by the first of the stage's instances that asks. The others, and
  /// every later run with the same code, parameters and inputs, get the same; the lock keeps it.
  ///
  /// - Throws: `StageFailure` where it can't be kept, and what `find` throws.
  public func pinned<Value: Codable>(_ name: String, find: () throws -> Value) throws -> Value {
    let folder = URL(fileURLWithPath: order.pinned, isDirectory: true)
    let file = folder.appendingPathComponent("\(name).json")
    if !FileManager.default.fileExists(atPath: file.path) {
      let data = try JSONEncoder().encode(try find())
      // A link is made whole or not at all, and never over what another instance found meanwhile.
      let own = folder.appendingPathComponent(
        "\(name).\(ProcessInfo.processInfo.processIdentifier)")
      do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try data.write(to: own)
        defer { unlink(own.path) }
        guard link(own.path, file.path) == 0 || errno == EEXIST else {
          throw StageFailure(systemMessage(errno))
        }
      } catch {
        throw StageFailure("\(file.path): can't be written (\(error))")
      }
    }
    do {
      return try JSONDecoder().decode(Value.self, from: Data(contentsOf: file))
    } catch {
      throw StageFailure("\(file.path): can't be read (\(error)); remove it and run again")
    }
  }

  // MARK: What the run table and the terminal show

  /// A named number for the table of runs, such as the out-of-fold score.
  /// One that isn't finite becomes a warning, since a table can't rank it.
  public func metric(_ name: String, _ value: Double, line: Int = #line) {
    guard value.isFinite else { return warn("the metric “\(name)” is \(value)", line: line) }
    recorder.event(.metric(name: name, value: value))
  }

  /// Named numbers as they are after a step, such as an epoch. The page draws them as curves that grow while
  /// the stage runs; the table of runs has the last of each, and the run's record all of them.
  ///
  /// Names decide which curves share a chart: "training loss" and "loss of fold" are both a loss
  /// (docs/notebooks.md has the rule). Charts have no captions here, so that editing one never makes a
  /// stage stale: say in the prose what a curve shows.
  ///
  /// - Parameters:
  ///   - values: the numbers, in the order in which they are drawn; nil where this step has none. One that
  ///     isn't finite leaves a gap in its curve, and is no metric.
  ///   - step: which step it was, counted from 1.
  ///   - total: how many steps there are going to be, so that the axis reaches to the end from the start.
  ///   - unit: what a step is; the label of the axis.
  ///   - drawn: the names that the terminal draws as well, beside the progress.
  public func metrics(
    _ values: KeyValuePairs<String, Double?>, step: Int, of total: Int? = nil,
    unit: String = "epoch", drawn: [String] = [], line: Int = #line
  ) {
    let values = values.map { StepMetrics.Value($0.key, $0.value) }
    recorder.append {
      .metrics(
        StepMetrics(step: step, of: total, unit: unit, values: values), line: line, at: $0)
    }
    var numbers: [String: Double] = [:]
    for one in values {
      if let number = one.value, number.isFinite { numbers[one.name] = number }
    }
    guard !numbers.isEmpty else { return }
    recorder.event(.point(MetricPoint(step: step, metrics: numbers), drawn: drawn))
  }

  /// A line for the terminal, above the progress.
  public func message(_ text: String) {
    recorder.event(.message(text))
  }

  /// Something the user should know that doesn't stop the stage: shown on the page and in the
  /// terminal.
  public func warn(_ text: String, line: Int = #line) {
    recorder.append { .warning(text, line: line, at: $0) }
    recorder.event(.warning(text))
  }

  /// Progress of a countable piece of work; see `Progress`.
  ///
  /// - Parameter total: how much there is; nil where that is known only later.
  public func progress(_ label: String, total: Int? = nil, unit: String) -> Progress {
    Progress(label: label, total: total, unit: unit, recorder: recorder)
  }
}
