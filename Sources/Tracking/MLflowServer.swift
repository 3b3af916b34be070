// MLflow's tracking server, by the calls of its REST API that log a run.
// Reference: https://mlflow.org/docs/latest/rest-api.html

public import Basics
import Foundation
public import Transfer

/// A tracking server.
public struct MLflowServer: Sendable {
  private let address: URL
  private let client: TransferClient
  private let authorization: Secret?

  /// The tag by which a run is known again.
  private static let tag = "work.run"
  /// What a call takes at most, by the reference.
  private static let (mostMetrics, mostParameters, mostTags) = (1000, 100, 100)
  private static let (longestValue, longestName) = (6000, 250)

  /// - Parameters:
  ///   - address: https, or http on this machine.
  ///   - environment: MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, as MLflow's own
  ///     client reads them.
  /// - Throws: `TrackingError` for what is no such address.
  public init(_ address: String, environment: [String: String], client: TransferClient) throws {
    guard let url = URL(string: address), ["http", "https"].contains(url.scheme?.lowercased()),
      url.host?.isEmpty == false, url.user == nil, url.query == nil
    else {
      throw TrackingError(
        "--mlflow \(URL(string: address)?.redacted ?? "…"): should be a server's address, such as "
          + "http://127.0.0.1:5000; a user and password go into MLFLOW_TRACKING_USERNAME and "
          + "MLFLOW_TRACKING_PASSWORD", exit: .badInput)
    }
    self.address = url
    self.client = client
    if let token = environment["MLFLOW_TRACKING_TOKEN"], !token.isEmpty {
      authorization = Secret("Bearer \(token)")
    } else if let user = environment["MLFLOW_TRACKING_USERNAME"], !user.isEmpty {
      let pair = "\(user):\(environment["MLFLOW_TRACKING_PASSWORD"] ?? "")"
      authorization = Secret("Basic \(Data(pair.utf8).base64EncodedString())")
    } else {
      authorization = nil
    }
  }

  /// Finds an experiment, or makes it.
  ///
  /// - Returns: its id.
  /// - Throws: `TrackingError`.
  public func experiment(named name: String) async throws -> String {
    struct Found: Decodable {
      struct Experiment: Decodable { var experiment_id: String }
      var experiment: Experiment
    }
    let found = try await send(
      "experiments/get-by-name", query: [URLQueryItem(name: "experiment_name", value: name)])
    if found.status != 404 { return try read(Found.self, found).experiment.experiment_id }
    struct Made: Decodable { var experiment_id: String }
    let made = try await send("experiments/create", .object(["name": .string(name)]))
    return try read(Made.self, made).experiment_id
  }

  /// Logs a run, unless the experiment has it already.
  ///
  /// - Returns: whether it was logged now.
  /// - Throws: `TrackingError`. A run that was begun and couldn't be finished is marked as failed there, and logged
  ///   anew the next time.
  public func log(_ run: TrackedRun, in experiment: String) async throws -> Bool {
    guard try await !has(run, in: experiment) else { return false }
    struct Made: Decodable {
      struct Run: Decodable {
        struct Info: Decodable { var run_id: String }
        var info: Info
      }
      var run: Run
    }
    let answer = try await send(
      "runs/create",
      .object([
        "experiment_id": .string(experiment), "run_name": .string(run.id),
        "start_time": .int(Self.milliseconds(run.started)),
      ]))
    let id = try read(Made.self, answer).run.info.run_id
    do {
      try await logAll(of: run, as: id)
      // Last: what has this tag is complete.
      try await call(
        "runs/log-batch", .object(["run_id": .string(id), "tags": Self.pairs([Self.tag: run.id])]))
    } catch {
      try? await end(id, "FAILED", Date())
      throw error
    }
    try await end(id, run.hasSucceeded ? "FINISHED" : "FAILED", run.ended ?? Date())
    return true
  }

  private func has(_ run: TrackedRun, in experiment: String) async throws -> Bool {
    struct Found: Decodable {
      struct Run: Decodable {}
      var runs: [Run]?
    }
    let quoted = run.id.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.:".contains($0)) }
    let answer = try await send(
      "runs/search",
      .object([
        "experiment_ids": .array([.string(experiment)]), "max_results": .int(1),
        "filter": .string("tags.`\(Self.tag)` = '\(quoted)'"),
      ]))
    return try !(read(Found.self, answer).runs ?? []).isEmpty
  }

  private func logAll(of run: TrackedRun, as id: String) async throws {
    func log(_ key: String, _ values: [JSONValue], _ most: Int) async throws {
      for start in stride(from: 0, to: values.count, by: most) {
        let part = Array(values[start..<min(start + most, values.count)])
        try await call("runs/log-batch", .object(["run_id": .string(id), key: .array(part)]))
      }
    }
    try await log("params", Self.list(run.parameters), Self.mostParameters)
    try await log("tags", Self.list(run.tags), Self.mostTags)
    let metrics = run.metrics.filter(\.value.isFinite).map { metric -> JSONValue in
      .object([
        "key": .string(Self.name(metric.name)), "value": .double(metric.value),
        "timestamp": .int(Self.milliseconds(metric.time)), "step": .int(metric.step),
      ])
    }
    try await log("metrics", metrics, Self.mostMetrics)
  }

  private func end(_ id: String, _ status: String, _ time: Date) async throws {
    try await call(
      "runs/update",
      .object([
        "run_id": .string(id), "status": .string(status),
        "end_time": .int(Self.milliseconds(time)),
      ]))
  }

  // MARK: Values

  private static func milliseconds(_ time: Date) -> Int {
    Int(max(0, min(time.timeIntervalSince1970, 1e11)) * 1000)
  }

  /// A name as the server takes it: letters, digits, and a few signs.
  static func name(_ name: String) -> String {
    String(
      name.map { sign in
        sign.isASCII && (sign.isLetter || sign.isNumber || "_-./ ".contains(sign)) ? sign : "_"
      }.prefix(longestName))
  }

  private static func list(_ values: [String: String]) -> [JSONValue] {
    values.sorted { $0.key < $1.key }.map {
      .object([
        "key": .string(name($0.key)), "value": .string(String($0.value.prefix(longestValue))),
      ])
    }
  }

  private static func pairs(_ values: [String: String]) -> JSONValue { .array(list(values)) }

  // MARK: Calls

  private func call(_ path: String, _ body: JSONValue) async throws {
    let answer = try await send(path, body)
    guard (200..<300).contains(answer.status) else { throw refusal(answer) }
  }

  private func send(
    _ path: String, _ body: JSONValue? = nil, query: [URLQueryItem] = []
  ) async throws -> Response {
    var url = address.appendingPathComponent("api/2.0/mlflow/\(path)")
    if !query.isEmpty { url.append(queryItems: query) }
    let request = Request(
      url, method: body == nil ? .get : .post, headers: ["Content-Type": "application/json"],
      authorization: authorization, body: Data((body?.canonical ?? "").utf8))
    do { return try await client.send(request) } catch let error as TransferError {
      throw TrackingError("MLflow at \(address.redacted): \(error.reason)", exit: .network)
    }
  }

  private func read<Answer: Decodable>(_ type: Answer.Type, _ response: Response) throws -> Answer {
    guard (200..<300).contains(response.status) else { throw refusal(response) }
    guard let answer = try? JSONDecoder().decode(type, from: response.body) else {
      throw TrackingError(
        "MLflow at \(address.redacted): answers in a way that this program doesn't understand; is it MLflow's "
          + "tracking server?", exit: .network)
    }
    return answer
  }

  private func refusal(_ response: Response) -> TrackingError {
    struct Words: Decodable { var message: String? }
    let words = (try? JSONDecoder().decode(Words.self, from: response.body))?.message
    let said = words.map { ": \($0.prefix(300).filter { !$0.isNewline })" } ?? ""
    switch response.status {
    case 401, 403:
      return TrackingError(
        "MLflow at \(address.redacted) refuses (status \(response.status)\(said)); set MLFLOW_TRACKING_TOKEN, or "
          + "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD", exit: .network)
    default:
      return TrackingError(
        "MLflow at \(address.redacted) answers with status \(response.status)\(said)",
        exit: .network)
    }
  }
}

/// Why a server has not taken a run.
public struct TrackingError: Failing, Sendable, Equatable {
  /// What happened, where, and what to do.
  public let description: String
  /// How a command ends with it.
  public let exit: ExitCode

  init(_ description: String, exit: ExitCode) {
    (self.description, self.exit) = (description, exit)
  }
}
