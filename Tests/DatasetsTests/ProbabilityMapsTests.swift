// Probability maps: kept in a file and back, joined by id, and what is broken is refused.

import Basics
import Datasets
import Foundation
import Imaging

import TestSupport
import Testing

@Suite struct ProbabilityMapsTests {
  private let maps = ProbabilityMaps(
    ids: ["b", "a", "ü\"c"],
    maps: (0..<3).map { index in
      Plane(width: 4, height: 3, values: (0..<12).map { Float($0 * (index + 1)) / 36 })
    })

  @Test func stepsAre255thsAndAHalfIsExact() {
    #expect(ProbabilityMaps.quantized(0.5) == 128)
    #expect(ProbabilityMaps.quantized(Float(0.5).nextDown) == 127)
    #expect(ProbabilityMaps.quantized(0) == 0)
    #expect(ProbabilityMaps.quantized(1) == 255)
    #expect(maps.map(0).values[9] == Float(64) / 255)
  }

  @Test func theFileComesBackAndHoldsTheSameBytes() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("p.safetensors")
    try maps.write(to: url)
    let bytes = try Data(contentsOf: url)
    #expect(try ProbabilityMaps(contentsOf: url) == maps)
    try maps.write(to: url)
    #expect(try Data(contentsOf: url) == bytes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 1)
  }

  /// Each size is a number that may be; their sum is none.
  @Test func sizesBeyondAllBoundsAreRefused() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("p.safetensors")
    let ids = (0..<9).map(String.init)
    let tensors = ids.enumerated().map { index, id in
      #""\#(id)":{"dtype":"U8","shape":[1048576,1048576,1048576],"data_offsets":[\#(index << 60),0]}"#
    }
    let names = ids.map { #"\"\#($0)\""# }.joined(separator: ",")
    let header =
      #"{"__metadata__":{"format":"work-probability-maps/2","ids":"[\#(names)]"},"#
      + tensors.prefix(8).joined(separator: ",") + "}"
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    try (length + Data(header.utf8)).write(to: url)
    #expect(throws: ProbabilityMapsError.self) { try ProbabilityMaps(contentsOf: url) }
  }

  @Test func brokenFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("p.safetensors")
    try maps.write(to: url)
    let bytes = try Data(contentsOf: url)
    // Cut anywhere, no length is taken for whole.
    for length in stride(from: 0, to: bytes.count, by: 5) {
      try bytes.prefix(length).write(to: url)
      #expect(throws: ProbabilityMapsError.self) { try ProbabilityMaps(contentsOf: url) }
    }
    try (bytes + [0]).write(to: url)
    #expect(throws: ProbabilityMapsError.self) { try ProbabilityMaps(contentsOf: url) }
    try Data(repeating: 0xff, count: 100).write(to: url)
    #expect(throws: ProbabilityMapsError.self) { try ProbabilityMaps(contentsOf: url) }
    let missing = #expect(throws: ProbabilityMapsError.self) {
      try ProbabilityMaps(contentsOf: folder.url.appendingPathComponent("none"))
    }
    #expect(missing?.description.contains("cannot be read") == true)
    let nowhere = folder.url.appendingPathComponent("no/p.safetensors")
    let unwritten = #expect(throws: FileError.self) { try maps.write(to: nowhere) }
    #expect(unwritten?.path == nowhere.path)
  }

  @Test func partsAreJoinedById() throws {
    let other = ProbabilityMaps(
      ids: ["z"], maps: [Plane(width: 4, height: 3, values: [Float](repeating: 1, count: 12))])
    let joined = try ProbabilityMaps(merging: [maps, other], order: ["z", "a"])
    #expect(joined.ids == ["z", "a"])
    #expect(joined.map(0) == other.map(0))
    #expect(joined.map(1) == maps.map(1))
    func refused(_ parts: [ProbabilityMaps], _ ids: [String], _ problem: String) {
      let error = #expect(throws: ProbabilityMapsError.self) {
        try ProbabilityMaps(merging: parts, order: ids)
      }
      #expect(error?.problem == problem)
    }
    refused([maps, maps], ["a"], "image b has two maps")
    refused([maps], ["a", "y"], "image y has no map")
    refused([], [], "there are none to merge")
    let deep = ProbabilityMaps(
      ids: ["s"], maps: [Plane(width: 1, height: 1, channels: 2, values: [0, 1])])
    refused([maps, deep], ["a"], "have 1 and 2 channels")
  }

  @Test func mapsOfDifferentSizesAndChannelsComeBack() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("p.safetensors")
    let maps = ProbabilityMaps(
      ids: ["b", "a"],
      maps: [(2, 3), (4, 1)].map { width, height in
        Plane(
          width: width, height: height, channels: 3,
          values: (0..<(width * height * 3)).map { Float($0) / 18 })
      })
    try maps.write(to: url)
    let read = try ProbabilityMaps(contentsOf: url)
    #expect(read == maps && read.sizes[1].width == 4 && read.channels == 3)
    #expect(
      read.bytes(0, channel: 1) == [1, 4, 7, 10, 13, 16].map { ProbabilityMaps.quantized($0 / 18) })
    let kept = try ProbabilityMaps(
      merging: [read], order: ["a"], in: folder.url.appendingPathComponent("merged"))
    #expect(kept.bytes(0) == maps.bytes(1))
    try FileManager.default.removeItem(at: url)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
  }
}
