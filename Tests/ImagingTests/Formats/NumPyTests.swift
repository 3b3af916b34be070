// NumPy's files, built by hand after their specification (NEP 1), and archives of them.

import Foundation
import Imaging
import Testing

@Suite struct NumPyTests {
  /// An array file.
  static func npy(
    _ code: String, _ shape: String, _ content: [UInt8], isFortran: Bool = false, version: UInt8 = 1
  ) -> Data {
    let order = isFortran ? "True" : "False"
    let header = "{'descr': '\(code)', 'fortran_order': \(order), 'shape': \(shape), }\n"
    let length = header.utf8.count
    let size = [UInt8(length & 255), UInt8(length >> 8)] + (version > 1 ? [0, 0] : [])
    return Data([0x93] + Array("NUMPY".utf8) + [version, 0] + size + Array(header.utf8) + content)
  }

  private func little<Number>(_ numbers: [Number]) -> [UInt8] {
    numbers.withUnsafeBytes { Array($0) }
  }

  @Test func everyTypeOfNumber() throws {
    func samples(_ code: String, _ content: [UInt8]) throws -> Scan.Samples {
      try decode(Self.npy(code, "(2, 2)", content)).samples
    }
    #expect(try samples("|b1", [0, 1, 1, 0]) == .bytes([0, 1, 1, 0]))
    #expect(try samples("|u1", [0, 1, 200, 255]) == .bytes([0, 1, 200, 255]))
    #expect(try samples("|i1", [0, 1, 200, 255]) == .floats([0, 1, -56, -1]))
    #expect(
      try samples("<u2", little([0, 1, 300, 65535] as [UInt16])) == .words([0, 1, 300, 65535]))
    #expect(try samples(">u2", [0, 0, 0, 1, 1, 44, 255, 255]) == .words([0, 1, 300, 65535]))
    let signed: [Float] = [0, -1, 300, -301]
    #expect(try samples("<i2", little(signed.map { Int16($0) })) == .floats(signed))
    #expect(try samples("<i4", little(signed.map { Int32($0) })) == .floats(signed))
    #expect(try samples("<i8", little(signed.map { Int64($0) })) == .floats(signed))
    #expect(try samples(">i8", little(signed.map { Int64($0).bigEndian })) == .floats(signed))
    let unsigned: [Float] = [0, 1, 300, 16_777_216]
    #expect(try samples("<u4", little(unsigned.map { UInt32($0) })) == .floats(unsigned))
    #expect(try samples("<u8", little(unsigned.map { UInt64($0) })) == .floats(unsigned))
    let numbers: [Float] = [0, -0.5, 1.5, .infinity]
    // np.array([0, -0.5, 1.5, np.inf], "<f2").tobytes()
    #expect(try samples("<f2", [0, 0, 0, 184, 0, 62, 0, 124]) == .floats(numbers))
    // np.array([2**-24, 65504, 1 / 3, -2**-14], "<f2").tobytes()
    #expect(
      try samples("<f2", [1, 0, 255, 123, 85, 53, 0, 132])
        == .floats([0x1p-24, 65504, 0.33325195, -0x1p-14]))
    #expect(try samples("<f4", little(numbers)) == .floats(numbers))
    #expect(try samples("<f8", little(numbers.map { Double($0) })) == .floats(numbers))
  }

  @Test(arguments: [1, 2, 3] as [UInt8]) func everyVersion(version: UInt8) throws {
    let data = Self.npy("|u1", "(2, 3)", [1, 2, 3, 4, 5, 6], version: version)
    #expect(try decode(data).samples == .bytes([1, 2, 3, 4, 5, 6]))
  }

  @Test func ordersAndAxes() throws {
    let content = (0..<24).map { UInt8($0) }
    // Two rows of three pixels; np.arange(24).reshape(…) says which number is where.
    func scan(
      _ shape: String, isFortran: Bool = false, _ axes: DecodingOptions.Axes = .automatic
    ) throws -> Scan {
      try decode(Self.npy("|u1", shape, content, isFortran: isFortran), options { $0.axes = axes })
    }
    let plain = try scan("(2, 12)", isFortran: true)
    #expect(plain.width == 12 && plain.height == 2)
    let rows = content.filter { $0 % 2 == 0 } + content.filter { $0 % 2 == 1 }
    #expect(plain.samples == .bytes(rows))
    let last = try scan("(4, 3, 2)")
    #expect(last.height == 4 && last.width == 3 && last.channels == 2)
    #expect(last.samples == .bytes(content))
    let first = try scan("(2, 4, 3)")
    #expect(first.height == 4 && first.width == 3 && first.channels == 2)
    #expect(first.samples == .bytes((0..<12).flatMap { [UInt8($0), UInt8($0 + 12)] }))
    let told = try scan("(2, 4, 3)", .channelsLast)
    #expect(told.height == 2 && told.width == 4 && told.samples == .bytes(content))
    let four = try scan("(2, 2, 3, 2)")
    #expect(four.height == 2 && four.width == 3 && four.channels == 4)
    let interleaved = (0..<6).flatMap { pixel in [0, 1, 12, 13].map { UInt8(2 * pixel + $0) } }
    #expect(four.samples == .bytes(interleaved))
    #expect(try scan("(1, 1, 4, 6)").channels == 1)
  }

  @Test func aSliceIsAPage() throws {
    let data = Self.npy("|u1", "(2, 3, 4)", (0..<24).map { UInt8($0) })
    #expect(try ImageFile.header(data, name: "a").pages == 2)
    let slice = try decode(data, options { $0.pages = .one(1) })
    #expect(slice.samples == .bytes((12..<24).map { UInt8($0) }) && slice.channels == 1)
  }

  @Test func archives() throws {
    let one = try decode(Fixture.npzDeflated)
    #expect(one.samples == .bytes(bytes(ramp(12))) && one.width == 4)
    #expect(
      reason(Fixture.npzTwo)
        == "it has several arrays (a, b); say which one is the picture (read as NPZ)")
    let second = try decode(Fixture.npzTwo, options { $0.array = "b" })
    #expect(second.samples == .floats([0, 7, 14, 21]))
    #expect(
      reason(Fixture.npzTwo, options { $0.array = "c" })
        == "it has no array c, but a, b (read as NPZ)")
    #expect(
      reason(Fixture.npzTwo.dropLast(40))
        == "the file ends too early: a zip archive's directory is missing (read as NPZ)")
    // An entry of the directory whose extra field reaches beyond the file (APPNOTE, 4.3.12).
    var long = Fixture.npzDeflated
    let entry = try #require(long.range(of: Data([80, 75, 1, 2]))).lowerBound
    long.replaceSubrange((entry + 30)..<(entry + 32), with: [255, 255])
    #expect(reason(long) == "the file ends too early (read as NPZ)")
  }

  @Test func whatIsNoPicture() {
    let content = [UInt8](repeating: 0, count: 8)
    #expect(
      reason(Self.npy("|O", "(2, 2)", content))
        == "its elements are Python objects, not numbers (read as NPY)")
    #expect(
      reason(Self.npy("<c8", "(1, 1)", content))
        == "its elements are of type <c8, which is not read (read as NPY)")
    #expect(
      reason(Self.npy("|u1", "(8,)", content))
        == "an array of shape (8) is not a picture (read as NPY)")
    #expect(
      reason(Self.npy("|u1", "(0, 8)", content))
        == "an array of shape (0, 8) has no pixels (read as NPY)")
    #expect(
      reason(Self.npy("|u1", "(3, 3)", content))
        == "the file ends too early: there are 8 bytes of pixels, where 9 belong (read as NPY)")
    let huge = "(\(Int.max), \(Int.max))"
    #expect(
      reason(Self.npy("|u1", huge, content))
        == "an array of shape \(huge) is more than is read (read as NPY)")
  }
}
