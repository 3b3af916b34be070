// Secrets in what others say: in every form in which a server may repeat them.

import FlyingFox
import Foundation
import LoopbackSupport
import Testing
import Transfer

@Suite struct RedactionTests {
  @Test func everyFormIsReplaced() {
    let redaction = Redaction([Secret("p/w+d?s3cret")])
    // By coreutils' base64, and by RFC 3986 by hand.
    for form in ["p/w+d?s3cret", "cC93K2Q/czNjcmV0", "p%2Fw%2Bd%3Fs3cret", "cC93K2Q_czNjcmV0"] {
      #expect(redaction.clean("a \(form) b \(form)") == "a ••• b •••")
      #expect(redaction.clean(Data("<\(form)>".utf8)) == Data("<•••>".utf8))
    }
    #expect(redaction.clean("nothing here") == "nothing here")
  }

  /// It would be found everywhere.
  @Test func aSecretOfALetterIsLeftAlone() {
    #expect(Redaction([Secret("k"), Secret("")]).clean("a key") == "a key")
  }

  @Test func anAnswerHoldsNoSecretOfItsRequest() async throws {
    // RFC 7617's own example.
    let basic = "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    try await withLoopback { request, _ in
      let given = request.headers[.authorization] ?? ""
      return answer(400, [("X-Echo", given)], Data("\(given) open sesame Aladdin".utf8))
    } _: { loopback in
      let response = try await loopback.client().send(
        Request(loopback.url, authorization: Secret("Basic \(basic)")))
      let body = String(decoding: response.body, as: UTF8.self)
      #expect(body == "Basic ••• ••• Aladdin")
      #expect(response.headers["X-Echo"] == "Basic •••")
      #expect(response.hidingSecrets(in: "open sesame") == "•••")
    }
  }

  @Test func aSignaturesKeyAndTokenAreSecrets() async throws {
    try await withLoopback { request, _ in
      let token = request.headers[HTTPHeader("X-Amz-Security-Token")] ?? ""
      return answer(403, [], Data("<Token>\(token)</Token>".utf8))
    } _: { loopback in
      var request = Request(loopback.url.deletingLastPathComponent())
      request.headers["x-amz-content-sha256"] =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      request.signature = RequestSignature(
        keyID: Secret("AKID"), key: Secret("k3y-of-s3"), sessionToken: Secret("t0ken/of=s3"),
        region: "r", service: "s3")
      let response = try await loopback.client().send(request)
      #expect(String(decoding: response.body, as: UTF8.self) == "<Token>•••</Token>")
    }
  }
}
