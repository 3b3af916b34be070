// Every way in which storage goes wrong on the way of a download: each byte right in the end, or a clear error with
// nothing kept. The soak does it at random; WORK_SOAK=1000 does it for longer.

import Demo
import Foundation
import Kaggle
import TestSupport
import Testing
import Transfer

@Suite struct FaultTests {
  private let data = noise(40_000)
  private let file = RemoteFile(name: "a.zip", bytes: 40_000)

  private func download(
    _ fixture: ServerFixture, silentSeconds: Int = 60, file: RemoteFile? = nil
  ) async throws -> LocalFile {
    try await KaggleAPI(fixture.connection(silentSeconds: silentSeconds))
      .download(slug, file ?? self.file, to: fixture.target.url)
  }

  /// Runs a download with a fault, which must pass or end in an error of a kind; a second one is always right.
  private func check(
    _ fault: KaggleServerFault, _ kind: KaggleError.Kind?, _ words: String = "",
    md5: Bool = true, bytes: Int64? = 40_000
  ) async throws {
    let sums = md5 ? ["a.zip": FaultTests.sum(data)] : [:]
    try await withServer(["a.zip": data], md5: sums) { fixture in
      let file = RemoteFile(name: "a.zip", bytes: bytes)
      await fixture.server.simulate(fault)
      if let kind {
        let error = try await #require(throws: KaggleError.self) {
          try await download(fixture, file: file)
        }
        #expect(error.kind == kind && error.description.contains(words), "\(error)")
        #expect(!error.description.contains("Signature"))
        #expect(try fixture.names().filter { $0 == "a.zip" } == [])
      }
      if kind != nil { await fixture.server.simulate(nil) }
      _ = try await download(fixture, file: file)
      #expect(try fixture.content("a.zip") == data)
      #expect(try fixture.names() == ["a.zip"])
    }
  }

  @Test func aConnectionThatDropsIsPickedUp() async throws {
    try await check(.brokenConnection(count: 5), nil)
  }

  @Test func corruptedBytesAreFetchedAgain() async throws {
    try await check(.corruptBody(count: 2), nil)
    try await check(.corruptBody(count: 99), .network, "checksum")
  }

  /// With the size of the list alone, too.
  @Test(arguments: [true, false])
  func aTruncatedContentIsNotBelieved(_ md5: Bool) async throws {
    try await check(.truncatedBody(count: 99), .network, "20000", md5: md5)
  }

  @Test(arguments: [
    (404, KaggleError.Kind.notFound, "its storage doesn't have it"),
    (304, .unexpectedAnswer, "wasn't asked for"), (416, .unexpectedAnswer, "no such part"),
    (204, .unexpectedAnswer, "wasn't asked for"), (403, .server, "fresh address each time"),
    (503, .server, "also when asked again"), (418, .server, "Try again later"),
  ])
  func aStatusOfStorageSaysWhatToDo(
    _ status: Int, _ kind: KaggleError.Kind, _ words: String
  ) async throws {
    try await check(.storageStatus(count: 99, status: status), kind, words)
  }

  @Test func aFewRefusalsOfStoragePass() async throws {
    try await check(.storageStatus(count: 2, status: 503), nil)
    try await check(.storageStatus(count: 2, status: 403), nil)
    try await check(.expiredAddress(count: 1), nil)
  }

  @Test func aPageInPlaceOfTheFileIsRefused() async throws {
    try await check(.storageWebPage(count: 99), .unexpectedAnswer, "a web page came")
  }

  /// Storage that sends elsewhere is not followed.
  @Test func noRedirectOfStorageIsFollowed() async throws {
    try await check(.elsewhere(count: 99), .unexpectedAnswer, "answered 302")
  }

  @Test func aClockThatIsOffIsNamed() throws {
    let now = Date(timeIntervalSince1970: 1_700_000_000)
    // date -u -d @1700000000 and 1699999000, 1699900000 by coreutils.
    #expect(KaggleError.clockDifference("Tue, 14 Nov 2023 22:13:20 GMT", now: now) == nil)
    #expect(KaggleError.clockDifference("Tue, 14 Nov 2023 21:56:40 GMT", now: now) == "16 minutes")
    #expect(KaggleError.clockDifference("Mon, 13 Nov 2023 18:26:40 GMT", now: now) == "27 hours")
    #expect(KaggleError.clockDifference("yesterday", now: now) == nil)
  }

  /// In Base64, as x-goog-hash has it.
  private static func sum(_ data: Data) -> String {
    var digest = MD5()
    data.withUnsafeBytes { digest.update($0) }
    return Data(digest.digest()).base64EncodedString()
  }

  // MARK: Soak

  /// Whether the soak runs by hand, alone.
  private var isLong: Bool { soakRounds > 40 }

  /// A fault that one download may meet; what it comes to doesn't matter, as long as it is honest.
  private func fault(_ generator: inout SeededNoise) -> KaggleServerFault? {
    let count = generator.next(6) + 1
    return switch generator.next(12) {
    case 0: .brokenConnection(count: count)
    case 1: .corruptBody(count: count)
    case 2: .truncatedBody(count: count)
    case 3: .storageStatus(count: count, status: [404, 403, 500, 503, 429, 304, 416][count])
    case 4: .storageWebPage(count: count)
    case 5: .elsewhere(count: count)
    case 6: .expiredAddress(count: count)
    case 7: .tooManyRequests(count: count, retryAfter: 1)
    case 8: .unavailable(count: count)
    case 9: .webPage
    // Beside other tests, this server is silent by itself at times.
    case 10 where isLong: .stalledBody(count: 1, seconds: 1.5)
    default: nil
    }
  }

  @Test func everyByteIsRightOrAnErrorIsClear() async throws {
    let rounds = soakRounds
    var generator = SeededNoise(state: 2018)
    var (right, told) = (0, 0)
    for styles in [[.rpc], [.rest]] as [Set<KaggleServerStyle>] {
      try await withServer(
        ["a.zip": data], md5: ["a.zip": Self.sum(data)], styles: styles
      ) { fixture in
        let place = fixture.target.url.appendingPathComponent("a.zip")
        for _ in 0..<(rounds / 2) {
          // What an earlier round left broken off is resumed by this one.
          try? FileManager.default.removeItem(at: place)
          let fault = fault(&generator)
          await fixture.server.simulate(fault)
          do {
            _ = try await download(fixture, silentSeconds: isLong ? 1 : 60)
            #expect(try Data(contentsOf: place) == data, "\(fault as Any)")
            right += 1
          } catch let error as KaggleError {
            #expect(!FileManager.default.fileExists(atPath: place.path), "\(fault as Any)")
            #expect(error.description.count > 40 && !error.description.contains("Signature"))
            told += 1
          }
          #expect(
            try fixture.names().allSatisfy { $0.hasPrefix("a.zip") }, "\(fault as Any)")
        }
      }
    }
    print("soak: \(right) downloads right, \(told) errors told")
    #expect(right + told == rounds / 2 * 2 && right > told / 4)
  }
}
