// The remote on a server that others wrote, where the environment names one: see Scripts/try-s3.sh.

import Foundation
import Storage
import TestSupport
import Testing
import Transfer

private let environment = ProcessInfo.processInfo.environment

@Suite struct RealServerTests {
  /// WORK_TEST_S3 is the address of a bucket; server and key are in the environment, as for `work`.
  @Test(.enabled(if: environment["WORK_TEST_S3"] != nil))
  func aRoundTrip() async throws {
    let folder = try TemporaryFolder()
    let remote = try S3Remote(
      try #require(environment["WORK_TEST_S3"]) + "/trip/\(UUID().uuidString)",
      environment: environment, client: TransferClient { print($0) })
    #expect(try await remote.names(beginningWith: "") == [])
    var contents: [String: Data] = [
      "objects/ab/cdef": Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }),
      "objects/e3/empty": Data(),
    ]
    // More than a page of a thousand.
    for index in 0..<1010 { contents["entries/train@\(index)"] = Data("\(index)".utf8) }
    let sent = try folder.write(Data(), to: "sent")
    for (name, data) in contents {
      try data.write(to: sent)
      try await remote.put(sent, as: name)
    }
    #expect(try await remote.names(beginningWith: "") == Set(contents.keys))
    #expect(try await remote.names(beginningWith: "objects/").count == 2)
    for (name, data) in contents {
      let target = folder.url.appendingPathComponent("got")
      #expect(try await remote.get(name, to: target))
      #expect(try Data(contentsOf: target) == data)
    }
    #expect(try await !remote.get("objects/none", to: folder.url.appendingPathComponent("none")))
  }
}
