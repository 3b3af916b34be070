// A run as a Research Object Crate: what ran, from what, and what came of it, as JSON-LD beside its files, in the
// words that catalogues of research data read (RO-Crate 1.1, with the profile Process Run Crate 0.5).

import Basics
public import Foundation
import Hashing

/// A file that goes into a crate.
public struct CrateFile: Sendable {
  /// Its path in the crate.
  public var path: String
  /// What it is, in a few words.
  public var name: String
  /// Its media type.
  public var type: String
  /// Its bytes.
  public var bytes: Data

  /// A file with its bytes.
  public init(_ path: String, name: String, type: String, bytes: Data) {
    self.path = path
    self.name = name
    self.type = type
    self.bytes = bytes
  }
}

/// The description of one run and the files that it is of.
public struct RunCrate: Sendable {
  /// All but the description.
  public let files: [CrateFile]
  private let graph: [JSONValue]

  /// The description's name in a crate.
  public static let descriptionName = "ro-crate-metadata.json"

  /// Describes a run that has ended.
  /// - Parameters:
  ///   - title: the competition's name, in a word or a sentence.
  ///   - rules: where the rules stand under which the competition's data may be used; nil where nobody knows.
  ///   - pages: files beside those of the run's folder, such as a page of each stage.
  /// - Throws: `PipelineError` where the run hasn't ended or its record is damaged, and where a file can't be read.
  public init(
    _ id: String, of history: RunHistory, title: String, rules: String?, pages: [CrateFile] = []
  ) throws {
    let run = try history.record(id)
    guard let ended = run.ended else {
      throw PipelineError("the run \(id) has not ended; it can be described when it has")
    }
    files = try Self.files(id, history, run) + pages
    graph = Self.graph(id, run, ended, title, rules, files)
  }

  /// The description, the same bytes for the same run.
  public func description() throws -> Data {
    try JSON.pretty(
      JSONValue.object([
        .init("@context", .string("https://w3id.org/ro/crate/1.1/context")),
        .init("@graph", .array(graph)),
      ]))
  }

  // MARK: Files

  /// Of the run's folder: its record, the parameters, and of each instance its executed record, log and kept outputs. Orders
  /// and events say nothing more, and hold paths of the machine.
  private static func files(_ id: String, _ history: RunHistory, _ run: RunRecord) throws
    -> [CrateFile]
  {
    let folder = history.url(of: id)
    func read(_ path: String, _ name: String, _ type: String) throws -> CrateFile? {
      let file = folder.appendingPathComponent(path)
      guard FileManager.default.fileExists(atPath: file.path) else { return nil }
      do {
        return CrateFile(path, name: name, type: type, bytes: try Data(contentsOf: file))
      } catch { throw PipelineError("\(file.path): can't be read: \(systemReason(error))") }
    }
    var files = [try read("run.json", "record of the run", "application/json")].compactMap { $0 }
    if let parameters = run.parameters {
      files.append(
        CrateFile(
          "parameters.json", name: "parameters of the run", type: "application/json",
          bytes: try JSON.pretty(parameters)))
    }
    for item in run.instances {
      let instance = item.instance
      files += [
        try read("\(instance).record.jsonl", "executed record of \(instance)", "application/jsonl"),
        try read("\(instance).log", "log of \(instance)", "text/plain"),
      ].compactMap { $0 }
      for kept in item.kept ?? [] {
        if let file = try read(
          "kept/\(instance)/\(kept)", "\(kept) of \(instance)", mediaType(of: kept))
        {
          files.append(file)
        }
      }
    }
    return files
  }

  private static func mediaType(of path: String) -> String {
    switch path.split(separator: ".").last {
    case "csv": "text/csv"
    case "json": "application/json"
    case "jsonl": "application/jsonl"
    default: "application/octet-stream"
    }
  }

  // MARK: The graph

  private typealias Members = [JSONValue.Member]

  private static func entity(_ id: String, _ type: String, _ members: Members) -> JSONValue {
    .object([.init("@id", .string(id)), .init("@type", .string(type))] + members)
  }

  private static func reference(_ id: String) -> JSONValue {
    .object([.init("@id", .string(id))])
  }

  private static func member(_ name: String, _ text: String) -> JSONValue.Member {
    .init(name, .string(text))
  }

  /// A fragment, or a path, as part of an address.
  private static func encoded(_ text: String) -> String {
    var allowed = CharacterSet.urlPathAllowed
    allowed.remove(charactersIn: "%?#:")
    return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
  }

  private static func graph(
    _ id: String, _ run: RunRecord, _ ended: String, _ title: String, _ rules: String?,
    _ files: [CrateFile]
  ) -> [JSONValue] {
    let actions = run.instances.filter { $0.started != nil && $0.ended != nil }
    let profile = "https://w3id.org/ro/wfrun/process/0.5"
    let license = rules ?? "#rules"
    var graph: [JSONValue] = [
      entity(
        descriptionName, "CreativeWork",
        [
          .init("about", reference("./")),
          .init("conformsTo", reference("https://w3id.org/ro/crate/1.1")),
        ]),
      entity(
        "./", "Dataset",
        [
          member("name", "\(title): run \(id)"),
          member(
            "description",
            "A run of \(run.targets.joined(separator: " ")), which ended \(run.status): its record, the parameters, and of each "
              + "stage the executed record, the log and what is kept of its outputs."),
          member("datePublished", ended), member("identifier", id),
          .init("license", reference(license)), .init("conformsTo", reference(profile)),
          .init("hasPart", .array(files.map { reference(encoded($0.path)) })),
          .init("mentions", .array(actions.map { reference(action(of: $0)) })),
        ]),
      entity(
        profile, "CreativeWork", [member("name", "Process Run Crate"), member("version", "0.5")]),
      entity(
        license, "CreativeWork",
        [
          member("name", "Rules of the competition"),
          member(
            "description",
            "What is made from a competition's data may be used as its rules say."),
        ]),
    ]
    graph += files.map { file in
      entity(
        encoded(file.path), "File",
        [
          member("name", file.name), member("encodingFormat", file.type),
          member("contentSize", "\(file.bytes.count)"),
          member("sha256", Digest.hex(of: Array(file.bytes))),
        ])
    }
    let hasParameters = files.contains { $0.path == "parameters.json" }
    graph += actions.map { entity(of: $0, hasParameters: hasParameters) }
    graph += software(of: actions)
    graph += data(of: actions)
    return graph
  }

  private static func action(of item: RunRecord.Item) -> String {
    "#run/\(encoded(item.instance))"
  }

  private static func script(of item: RunRecord.Item) -> String {
    "#stage/\(encoded(item.stage))"
  }

  /// What an input or output was, by its bytes: the same path with other bytes is something else.
  private static func data(_ path: String, _ state: RunRecord.State) -> String {
    "#data/\(encoded(path))/\(state.hash.prefix(16))"
  }

  private static func references(_ states: [String: RunRecord.State]?) -> [JSONValue] {
    (states ?? [:]).sorted { $0.key < $1.key }.map { reference(data($0.key, $0.value)) }
  }

  private static func entity(of item: RunRecord.Item, hasParameters: Bool) -> JSONValue {
    let hasFailed = item.error != nil
    var members: Members = [
      member("name", item.instance), member("description", item.reasons.joined(separator: "; ")),
      member("startTime", item.started ?? ""), member("endTime", item.ended ?? ""),
      .init("instrument", reference(script(of: item))),
      .init(
        "object",
        .array(
          references(item.inputs) + (hasParameters ? [reference("parameters.json")] : []))),
      .init("result", .array(references(item.outputs))),
      .init(
        "actionStatus",
        reference(
          "http://schema.org/\(hasFailed ? "FailedActionStatus" : "CompletedActionStatus")")),
    ]
    if let error = item.error { members.append(member("error", error)) }
    return entity(action(of: item), "CreateAction", members)
  }

  /// The stages, each with a digest of all code that it was made of.
  private static func software(of items: [RunRecord.Item]) -> [JSONValue] {
    var seen: Set<String> = []
    return items.filter { seen.insert($0.stage).inserted }.map { item in
      let code = (item.code ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
      return entity(
        script(of: item), "SoftwareSourceCode",
        [
          member("name", "stages/\(item.stage)"), member("programmingLanguage", "Swift"),
          member("version", Digest.hex(of: code.joined())),
        ])
    }
  }

  /// Inputs and outputs, which stay in the workspace.
  private static func data(of items: [RunRecord.Item]) -> [JSONValue] {
    var seen: Set<String> = []
    return items.flatMap { [$0.inputs ?? [:], $0.outputs ?? [:]] }
      .flatMap { $0.sorted { $0.key < $1.key } }
      .filter { seen.insert(data($0.key, $0.value)).inserted }
      .map { path, state in
        entity(
          data(path, state), "CreativeWork",
          [
            member("name", path), member("sha256", state.hash),
            member("contentSize", "\(state.size)"),
          ])
      }
  }
}
