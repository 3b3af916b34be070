// Logging a run to MLflow: the calls in their order, nothing twice, and no secret in an error.

import Basics
import FlyingFox
import Foundation
import LoopbackSupport
import Testing
import Tracking
import Transfer

struct MLflowTests {
  private let run = TrackedRun(
    id: "20260101T000000Z-1", started: Date(timeIntervalSince1970: 10),
    ended: Date(timeIntervalSince1970: 20), parameters: ["train.epochs": "3"],
    metrics: (0..<1500).map {
      TrackedRun.Metric("train@0/loss", 1 / Double($0 + 1), step: $0, time: Date())
    }
      + [TrackedRun.Metric("bad", .nan, step: 0, time: Date())],
    tags: ["work.targets": "all"])

  private func address(_ loopback: Loopback) -> String {
    "http://127.0.0.1:\(loopback.url.port ?? 0)"
  }

  @Test func aRunIsLoggedOnceWithAllItsNumbers() async throws {
    let bodies = Log<(path: String, body: Basics.JSONValue)>()
    try await withLoopback { request, _ in
      let data = try await request.bodyData
      let body =
        (try? JSONDecoder().decode(Basics.JSONValue.self, from: data)) ?? Basics.JSONValue.null
      let path = String(request.path.dropFirst("/api/2.0/mlflow/".count))
      bodies.add((path, body))
      switch path {
      case "experiments/get-by-name":
        return answer(404, [], Data(#"{"error_code":"RESOURCE_DOES_NOT_EXIST"}"#.utf8))
      case "experiments/create": return answer(200, [], Data(#"{"experiment_id":"7"}"#.utf8))
      case "runs/create": return answer(200, [], Data(#"{"run":{"info":{"run_id":"r1"}}}"#.utf8))
      default: return answer(200, [], Data("{}".utf8))
      }
    } _: { loopback in
      let server = try MLflowServer(
        address(loopback), environment: [:], client: loopback.client())
      let experiment = try await server.experiment(named: "salt")
      #expect(experiment == "7")
      #expect(try await server.log(run, in: experiment))
    }
    let paths = bodies.all.map(\.path)
    #expect(
      paths == [
        "experiments/get-by-name", "experiments/create", "runs/search", "runs/create",
        "runs/log-batch", "runs/log-batch", "runs/log-batch", "runs/log-batch", "runs/log-batch",
        "runs/update",
      ])
    func count(_ key: String) -> [Int] {
      bodies.all.compactMap { if case .array(let list)? = $0.body[key] { list.count } else { nil } }
    }
    #expect(count("metrics") == [1000, 500])
    #expect(count("params") == [1])
    // The tag by which the run is known again comes last.
    let tags = bodies.all.compactMap { $0.body["tags"]?.canonical }
    #expect(tags.count == 2 && tags[1].contains("work.run") && !tags[0].contains("work.run"))
    #expect(bodies.all.last?.body["status"] == .string("FINISHED"))
  }

  @Test func aRunThatIsThereIsLeftAlone() async throws {
    try await withLoopback { _, _ in
      answer(200, [], Data(#"{"runs":[{}]}"#.utf8))
    } _: { loopback in
      let server = try MLflowServer(address(loopback), environment: [:], client: loopback.client())
      #expect(try await !server.log(run, in: "7"))
      #expect(loopback.requests.all.count == 1)
    }
  }

  @Test func whatBreaksOffIsMarkedAndTheSecretStaysUnsaid() async throws {
    try await withLoopback { request, _ in
      let field = request.headers[.authorization] ?? ""
      if request.path.hasSuffix("runs/create") {
        return answer(200, [], Data(#"{"run":{"info":{"run_id":"r1"}}}"#.utf8))
      }
      return request.path.hasSuffix("runs/log-batch")
        ? answer(403, [], Data(#"{"message":"not with \#(field)"}"#.utf8))
        : answer(200, [], Data("{}".utf8))
    } _: { loopback in
      let server = try MLflowServer(
        address(loopback), environment: ["MLFLOW_TRACKING_TOKEN": "s3cret-token"],
        client: loopback.client())
      let error = await #expect(throws: TrackingError.self) { try await server.log(run, in: "7") }
      #expect(error?.description.contains("MLFLOW_TRACKING_TOKEN") == true)
      #expect(error?.description.contains("s3cret-token") == false)
      #expect(loopback.requests.all.last?.path.hasSuffix("runs/update") == true)
    }
  }

  @Test(arguments: ["", "ftp://x", "http://user:s3cret@127.0.0.1", "http://127.0.0.1?token=s3cret"])
  func otherAddressesAreRefused(_ address: String) {
    let error = #expect(throws: TrackingError.self) {
      try MLflowServer(address, environment: [:], client: TransferClient())
    }
    #expect(error?.exit == .badInput && error?.description.contains("s3cret") == false)
  }
}
