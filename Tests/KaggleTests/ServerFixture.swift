// A competition on a server of this machine, and a door to it, for one test.

import Demo
import Foundation
import Kaggle
import Submitting
import Synchronization
import TestSupport
import Transfer

let slug = "salt-demo"

/// What the tests of the API need; ends by itself at the end of `withServer`.
struct ServerFixture: Sendable {
  let server: KaggleServer
  let endpoint: URL
  let files: TemporaryFolder
  let target: TemporaryFolder
  let waits: Waits

  /// A connection with a user's key, whose waits take no time.
  func connection(
    key: String = "right", attempts: Int = 4, silentSeconds: Int = 60
  ) -> KaggleConnection {
    var transfer = TransferSettings()
    transfer.attempts = attempts
    transfer.silentSeconds = silentSeconds
    let waits = waits
    return KaggleConnection(
      KaggleSettings(
        credentials: Credentials(username: "ada", key: Secret(key), source: "the test"),
        endpoint: endpoint, transfer: transfer),
      client: TransferClient(transfer, sleepingBy: { waits.add($0) }))
  }

  /// The files' side of such a connection.
  func api(key: String = "right", attempts: Int = 4) -> KaggleAPI {
    KaggleAPI(connection(key: key, attempts: attempts))
  }

  func account() throws -> KaggleAccount { try KaggleAccount(connection(), slug: slug) }

  /// A submitter whose waits take no time.
  func submitter() throws -> Submitter {
    let waits = waits
    return Submitter(try account(), sleepingBy: { waits.add($0) })
  }

  func content(_ name: String) throws -> Data {
    try Data(contentsOf: target.url.appendingPathComponent(name))
  }

  /// What lies in the target folder, sorted.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: target.url.path).sorted()
  }
}

/// The waits that a client was asked for.
final class Waits: Sendable {
  private let seconds = Mutex<[Double]>([])
  var all: [Double] { seconds.withLock { $0 } }
  func add(_ wait: Double) { seconds.withLock { $0.append(wait) } }
}

/// Serves some files for the length of a test.
func withServer(
  _ files: [String: Data], pageLimit: Int = 200, md5: [String: String] = [:],
  styles: Set<KaggleServerStyle> = [.rpc, .rest], _ body: (ServerFixture) async throws -> Void
) async throws {
  let folder = try TemporaryFolder()
  for (path, data) in files { try folder.write(data, to: path) }
  let server = KaggleServer(
    files: folder.url, slug: slug, username: "ada", key: "right", pageLimit: pageLimit, md5: md5,
    styles: styles)
  let fixture = ServerFixture(
    server: server, endpoint: try await server.start(), files: folder,
    target: try TemporaryFolder(), waits: Waits())
  do { try await body(fixture) } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}

/// Bytes that differ from place to place.
func noise(_ count: Int) -> Data {
  var state: UInt64 = 7
  return Data(
    (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    })
}

/// How many rounds a soak has: WORK_SOAK, else a few dozen.
var soakRounds: Int { ProcessInfo.processInfo.environment["WORK_SOAK"].flatMap { Int($0) } ?? 40 }

/// Numbers that look random, the same each time (Knuth's MMIX).
struct SeededNoise {
  var state: UInt64

  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}
