// Listing and fetching, and every way that Kaggle refuses, over the loopback server.

import Demo
import Foundation
import Kaggle
import TestSupport
import Testing
import Transfer

@Suite struct KaggleAPITests {
  @Test(arguments: KaggleServerStyle.allCases)
  func allPagesOfTheListAreRead(_ style: KaggleServerStyle) async throws {
    let files = Dictionary(uniqueKeysWithValues: (0..<7).map { ("\($0).csv", Data("\($0)".utf8)) })
    try await withServer(files, pageLimit: 3, styles: [style]) { fixture in
      let listed = try await fixture.api().listFiles(slug)
      #expect(listed == (0..<7).map { RemoteFile(name: "\($0).csv", bytes: 1) })
      // Where RPC isn't spoken, that is found out once.
      #expect(await fixture.server.requests.count == (style == .rpc ? 3 : 4))
    }
  }

  @Test func filesThatDifferInTheirFoldersOnlyAreFound() {
    func clash(_ names: String...) -> [String]? {
      names.map { RemoteFile(name: $0, bytes: nil) }.clash.map { [$0.0.name, $0.1.name] }
    }
    #expect(clash("train/a.png", "b.png", "test/a.png") == ["train/a.png", "test/a.png"])
    #expect(clash("a.png", "x/a.png") == ["a.png", "x/a.png"])
    #expect(clash("a/b.png", "a/c.png", "a.png") == nil)
  }

  @Test(arguments: KaggleServerStyle.allCases)
  func aFileArrivesAndTheKeyStaysAtTheAPI(_ style: KaggleServerStyle) async throws {
    let data = noise(300_000)
    try await withServer(["train.zip": data], styles: [style]) { fixture in
      let api = fixture.api()
      let listed = try await api.listFiles(slug)
      let file = try await api.download(slug, listed[0], to: fixture.target.url)
      #expect(file.url.lastPathComponent == "train.zip")
      #expect(file.bytes == 300_000)
      #expect(!file.wasThere)
      #expect(try fixture.content("train.zip") == data)
      #expect(try fixture.names() == ["train.zip"])
      let requests = await fixture.server.requests
      #expect(
        requests.map(\.isStorage)
          == (style == .rpc ? [false, false, true] : [false, false, false, true]))
      #expect(requests.allSatisfy { $0.isAuthorized != $0.isStorage })
      #expect(
        requests.map(\.contentType).first == "application/json" && requests.last?.contentType == nil
      )
    }
  }

  @Test func aNameWithAFolderTravelsAsOnePart() async throws {
    for style in KaggleServerStyle.allCases {
      try await withServer(["images/a b.png": Data("p".utf8)], styles: [style]) { fixture in
        let file = RemoteFile(name: "images/a b.png", bytes: nil)
        _ = try await fixture.api().download(slug, file, to: fixture.target.url)
        #expect(try fixture.content("images/a b.png") == Data("p".utf8))
        #expect(
          await fixture.server.requests.map(\.path).contains(
            style == .rpc
              ? "/api/v1/competitions.CompetitionApiService/DownloadDataFile"
              : "/api/v1/competitions/data/download/salt-demo/images%2Fa%20b.png"))
      }
    }
  }

  @Test func aTableThatArrivesZippedIsNamedSo() async throws {
    // By the address …
    try await withServer(["train.csv.zip": Data("PK".utf8)]) { fixture in
      let listed = try await fixture.api().listFiles(slug)
      #expect(listed.map(\.name) == ["train.csv"])
      let file = try await fixture.api().download(slug, listed[0], to: fixture.target.url)
      #expect(file.url.lastPathComponent == "train.csv.zip")
    }
    // … and by the first bytes, also when it is there already.
    let zip = Data([0x50, 0x4b, 3, 4, 0, 0])
    try await withServer(["train.csv": zip]) { fixture in
      let asked = RemoteFile(name: "train.csv", bytes: 1000)
      for wasThere in [false, true] {
        let file = try await fixture.api().download(slug, asked, to: fixture.target.url)
        #expect(file.url.lastPathComponent == "train.csv.zip")
        #expect(file.wasThere == wasThere)
        #expect(try fixture.names() == ["train.csv.zip"])
      }
    }
  }

  @Test func whatIsThereIsNotFetchedAgain() async throws {
    // By coreutils' md5sum.
    let right = ["a.csv": "SflgOPIKoGJ3Ime2QKGNeQ=="]
    try await withServer(["a.csv": Data("id\n".utf8)], md5: right) { fixture in
      let listed = try await fixture.api().listFiles(slug)[0]
      _ = try await fixture.api().download(slug, listed, to: fixture.target.url)
      let before = await fixture.server.requests.count
      let again = try await fixture.api().download(slug, listed, to: fixture.target.url)
      #expect(again.wasThere)
      // Storage was asked what the file should be, and no more.
      #expect(await fixture.server.requests.count == before + 2)
      // The same size, another content.
      try fixture.target.write("ID\n", to: "a.csv")
      #expect(try await !fixture.api().download(slug, listed, to: fixture.target.url).wasThere)
      // Another size than the list's: fetched anew.
      try fixture.target.write("longer than it was", to: "a.csv")
      #expect(try await !fixture.api().download(slug, listed, to: fixture.target.url).wasThere)
      #expect(try fixture.content("a.csv") == Data("id\n".utf8))
    }
  }

  @Test func aBrokenDownloadIsResumed() async throws {
    let data = noise(200_000)
    try await withServer(["a.zip": data]) { fixture in
      await fixture.server.simulate(.brokenConnection(count: 2))
      _ = try await fixture.api().download(
        slug, RemoteFile(name: "a.zip", bytes: 200_000), to: fixture.target.url)
      #expect(try fixture.content("a.zip") == data)
      let storage = await fixture.server.requests.filter(\.isStorage)
      #expect(storage.map(\.range) == [nil, "bytes=100000-", "bytes=150000-"])
      #expect(try fixture.names() == ["a.zip"])
    }
  }

  @Test func anExpiredAddressIsAskedForAgain() async throws {
    try await withServer(["a.csv": Data("id\n".utf8)]) { fixture in
      let file = RemoteFile(name: "a.csv", bytes: nil)
      await fixture.server.simulate(.expiredAddress(count: 2))
      _ = try await fixture.api().download(slug, file, to: fixture.target.url)
      #expect(
        await fixture.server.requests.map(\.isStorage) == [false, true, false, true, false, true])
      try FileManager.default.removeItem(at: fixture.target.url.appendingPathComponent("a.csv"))
      await fixture.server.simulate(.expiredAddress(count: 9))
      let error = try await #require(throws: KaggleError.self) {
        try await fixture.api().download(slug, file, to: fixture.target.url)
      }
      #expect(error.kind == .server)
      #expect(!error.description.contains("Signature"))
      #expect(try fixture.names() == [])
    }
  }

  @Test func aWrongChecksumKeepsNothing() async throws {
    let wrong = Data(repeating: 0, count: 16).base64EncodedString()
    try await withServer(["a.csv": Data("id\n".utf8)], md5: ["a.csv": wrong]) { fixture in
      let error = try await #require(throws: KaggleError.self) {
        try await fixture.api().download(
          slug, RemoteFile(name: "a.csv", bytes: nil), to: fixture.target.url)
      }
      #expect(error.description.contains("checksum"))
      #expect(try fixture.names() == [])
    }
  }

  // MARK: Refusals

  private func failure(
    of body: (ServerFixture) async throws -> Void, with fault: KaggleServerFault? = nil
  ) async throws -> KaggleError {
    var found: KaggleError?
    try await withServer(["a.csv": Data("id\n".utf8)]) { fixture in
      await fixture.server.simulate(fault)
      found = try await #require(throws: KaggleError.self) { try await body(fixture) }
      #expect(try fixture.names() == [])
    }
    return try #require(found)
  }

  private let file = RemoteFile(name: "a.csv", bytes: nil)

  @Test func aWrongKeyIsUnauthorizedAndNotShown() async throws {
    let error = try await failure(of: { _ = try await $0.api(key: "wr0ng").listFiles(slug) })
    #expect(error.kind == .unauthorized)
    #expect(error.description.contains("the test"))
    #expect(!error.description.contains("wr0ng"))
  }

  @Test func rulesThatAreNotAcceptedAreNamedWithTheirAddress() async throws {
    let error = try await failure(
      of: { _ = try await $0.api().download(slug, file, to: $0.target.url) },
      with: .rulesNotAccepted)
    let rules = "https://www.kaggle.com/competitions/salt-demo/rules"
    #expect(error.kind == .rulesNotAccepted(try #require(URL(string: rules))))
    #expect(error.description.contains(rules))
  }

  @Test func aMisspeltSlugIsForbidden() async throws {
    let error = try await failure(of: { _ = try await $0.api().listFiles("sault") })
    #expect(error.kind == .forbidden)
    #expect(error.description.contains("“sault” is misspelt"))
    #expect(error.description.contains("Permission 'competitions.get' was denied"))
  }

  @Test func anUnknownFileIsNotFound() async throws {
    let error = try await failure(of: {
      let file = RemoteFile(name: "b.csv", bytes: nil)
      _ = try await $0.api().download(slug, file, to: $0.target.url)
    })
    #expect(error.kind == .notFound)
    #expect(error.description.contains("b.csv of salt-demo"))
  }

  @Test func aNameThatLeavesTheFolderIsRefused() async throws {
    for name in ["../a.csv", "/a.csv", ""] {
      let error = try await failure(of: {
        let file = RemoteFile(name: name, bytes: nil)
        _ = try await $0.api().download(slug, file, to: $0.target.url)
      })
      #expect(error.kind == .unexpectedAnswer)
    }
  }

  @Test func aSlugThatIsNoneIsRefusedBeforeAnyRequest() async throws {
    try await withServer([:]) { fixture in
      for bad in ["", "https://www.kaggle.com/c/salt", "a/b", "sälz", "a b"] {
        let error = try await #require(throws: KaggleError.self) {
          try await fixture.api().listFiles(bad)
        }
        #expect(error.kind == .invalidRequest)
      }
      #expect(await fixture.server.requests.isEmpty)
    }
  }

  @Test func tooManyRequestsAreWaitedOut() async throws {
    try await withServer(["a.csv": Data("id\n".utf8)]) { fixture in
      await fixture.server.simulate(.tooManyRequests(count: 2, retryAfter: 7))
      let files = try await fixture.api().listFiles(slug)
      #expect(files.count == 1)
      #expect(fixture.waits.all == [7, 7])
    }
  }

  @Test func tooLongAWaitIsLeftToTheUser() async throws {
    let error = try await failure(
      of: { _ = try await $0.api().listFiles(slug) },
      with: .tooManyRequests(count: 1, retryAfter: 86_400))
    #expect(error.kind == .rateLimited)
    #expect(error.description.contains("86400 s"))
  }

  @Test func anOutageIsWaitedOutForAWhile() async throws {
    try await withServer(["a.csv": Data("id\n".utf8)]) { fixture in
      await fixture.server.simulate(.unavailable(count: 3))
      let files = try await fixture.api().listFiles(slug)
      #expect(files.count == 1)
      #expect(fixture.waits.all == [1, 2, 4])
    }
    let error = try await failure(
      of: { _ = try await $0.api().listFiles(slug) }, with: .unavailable(count: 4))
    #expect(error.kind == .server)
    #expect(error.description.contains("503"))
  }

  @Test(arguments: [KaggleServerFault.webPage, .brokenJSON])
  func anAnswerOfAnotherFormIsNamed(_ fault: KaggleServerFault) async throws {
    let listing = try await failure(of: { _ = try await $0.api().listFiles(slug) }, with: fault)
    #expect(listing.kind == .unexpectedAnswer)
    #expect(listing.description.contains("web page") == (fault == .webPage))
    let fetching = try await failure(
      of: { _ = try await $0.api().download(slug, file, to: $0.target.url) }, with: fault)
    #expect(fetching.kind == .unexpectedAnswer)
  }

  @Test func nobodyThereIsANetworkError() async throws {
    var endpoint: URL?
    try await withServer([:]) { endpoint = $0.endpoint }
    let api = KaggleAPI(
      KaggleConnection(
        KaggleSettings(
          credentials: Credentials(username: "a", key: Secret("k"), source: "the test"),
          endpoint: try #require(endpoint)),
        client: TransferClient(TransferSettings(), sleepingBy: { _ in })))
    let error = try await #require(throws: KaggleError.self) { try await api.listFiles(slug) }
    #expect(error.kind == .noServer)
  }

  @Test func theEndpointIsCheckedAndOptional() throws {
    #expect(
      try KaggleSettings.endpoint(environment: [:]).absoluteString == "https://www.kaggle.com")
    let given = ["KAGGLE_API_ENDPOINT": "http://127.0.0.1:81"]
    #expect(try KaggleSettings.endpoint(environment: given).port == 81)
    for bad in ["127.0.0.1", "ftp://a", "http://a/api/v1", "http://", "http://u@a", "http://a?b"] {
      #expect(throws: KaggleError.self) {
        try KaggleSettings.endpoint(environment: ["KAGGLE_API_ENDPOINT": bad])
      }
    }
  }
}
