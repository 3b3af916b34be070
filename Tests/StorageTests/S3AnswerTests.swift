// What storage answers, and what others answer in its place: bytes that nobody vouches for.

import Foundation
import Storage
import Testing

@Suite struct S3AnswerTests {
  @Test func aPageOfAListing() throws {
    let xml = """
      <?xml version="1.0" encoding="UTF-8"?>
      <!-- of a bucket -->
      <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/" a='"'>
        <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
        <Contents><Key>a+b%2Fc&amp;d&#x41;&#66;</Key><Size>3</Size></Contents>
        <Contents><Size/><Key><![CDATA[<x>]]></Key></Contents >
        <NextContinuationToken>t&lt;</NextContinuationToken>
      </ListBucketResult>

      """
    let listing = try #require(S3Listing(Data(xml.utf8)))
    #expect(listing.keys == ["a b/c&dAB", "<x>"] && listing.next == "t<")
  }

  @Test func aRefusal() throws {
    let refusal = try #require(
      S3Refusal(
        Data("<?x?><Error><Code>No</Code><Message>not\u{9B}2J here</Message></Error>".utf8)))
    #expect(refusal.code == "No" && refusal.message == "not 2J here" && refusal.region == nil)
  }

  /// None of them is an answer, and none of them does any harm.
  @Test(arguments: [
    "", "<", "<>", "<a", "<a>", "<a></b>", "</a>", "<a/><b/>", "<a b></a>", "<a b=c/>",
    "<a b='></a>", "x<a/>",
    "<a>&none;</a>", "<a>&#xD800;</a>", "<a>&#x1B;</a>", "<a>\u{1B}</a>", "<a>&#99999999999;</a>",
    "<a>&</a>", "<a><![CDATA[</a>",
    "<!-- ",
    "<?php", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    String(repeating: "<a>", count: 100_000),
    String(repeating: "<a>", count: 17) + String(repeating: "</a>", count: 17),
  ])
  func whatIsNoDocument(_ text: String) {
    #expect(XMLElement.read(Data(text.utf8)) == nil)
  }

  @Test func bytesThatAreNoText() {
    #expect(XMLElement.read(Data([0x3C, 0x45, 0xC4, 0x6F, 0x72, 0x3E])) == nil)
    #expect(XMLElement.read(Data([0xFF, 0xFE, 0x3C, 0x00, 0x61, 0x00])) == nil)
  }

  /// Whatever is changed in an answer, it is read or refused.
  @Test func anyByteMayBeWrong() {
    let xml = Data("<?x?><a b='c'><!-- d --><e>&amp;<![CDATA[f]]></e></a>".utf8)
    for place in xml.indices {
      for byte in [0, 9, 0x21, 0x26, 0x27, 0x2F, 0x3B, 0x3C, 0x3E, 0x3F, 0x5D, 0x80, 0xC4, 0xFF]
        as [UInt8]
      {
        var damaged = xml
        damaged[place] = byte
        _ = XMLElement.read(damaged)
        _ = XMLElement.read(damaged.prefix(place))
      }
    }
  }
}
