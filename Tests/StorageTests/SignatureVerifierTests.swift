// The verifier of these tests against Amazon's published examples.

import Foundation
import Testing

@Suite struct SignatureVerifierTests {
  // "Signature Calculations for the Authorization Header", the four examples of the S3 documentation.
  @Test(arguments: [
    (
      "GET", "/test.txt", "", ["range": "bytes=0-9"],
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    ),
    (
      "PUT", "/test$file.text", "",
      ["date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"],
      "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    ),
    (
      "GET", "/", "lifecycle", [:],
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    ),
    (
      "GET", "/", "prefix=J&max-keys=2", [:],
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    ),
  ])
  func amazonsExamples(
    _ method: String, _ path: String, _ query: String, _ fields: [String: String], _ digest: String,
    _ signature: String
  ) {
    var headers = fields
    headers["host"] = "examplebucket.s3.amazonaws.com"
    headers["x-amz-date"] = "20130524T000000Z"
    headers["x-amz-content-sha256"] = digest
    let names = headers.keys.sorted()
    headers["authorization"] =
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
      + "SignedHeaders=\(names.joined(separator: ";")),Signature=\(signature)"
    let request = SignedRequest(method: method, path: path, query: query, headers: headers)
    func isSigned(_ request: SignedRequest) -> Bool {
      request.isSigned(
        keyID: "AKIAIOSFODNN7EXAMPLE", key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        region: "us-east-1", service: "s3")
    }
    #expect(isSigned(request))
    var other = request
    other.path += "x"
    #expect(!isSigned(other))
    other = request
    other.headers["x-amz-acl"] = "public-read"
    #expect(!isSigned(other))
  }
}
