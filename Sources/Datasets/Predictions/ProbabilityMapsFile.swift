// Probability maps as a file in the safetensors layout (https://github.com/huggingface/safetensors), so that
// other tools read them too. Maps of one size and channel are one tensor `probabilities`
// [count, height, width] of bytes, with the ids as text; others a tensor [height, width, channels] each,
// named by the id.

import Basics
public import Foundation

extension ProbabilityMaps {
  private static let formatOfOne = "work-probability-maps/1"
  private static let formatOfMany = "work-probability-maps/2"
  private static let longestHeader = 1 << 28

  private struct Metadata: Codable {
    var format: String
    /// A JSON array, since metadata is text.
    var ids: String
  }

  private struct Tensor: Codable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  private struct Header: Codable {
    var metadata: Metadata
    var tensors: [String: Tensor]

    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(_ name: String) { stringValue = name }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
      static let metadata = Key("__metadata__")
    }

    init(metadata: Metadata, tensors: [String: Tensor]) {
      self.metadata = metadata
      self.tensors = tensors
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      metadata = try container.decode(Metadata.self, forKey: .metadata)
      tensors = [:]
      for key in container.allKeys where key.stringValue != Key.metadata.stringValue {
        tensors[key.stringValue] = try container.decode(Tensor.self, forKey: key)
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(metadata, forKey: .metadata)
      for (name, tensor) in tensors { try container.encode(tensor, forKey: Key(name)) }
    }
  }

  /// Writes the file, whole or not at all; the same maps give the same bytes.
  /// - Throws: `FileError` when it cannot be written.
  public func write(to url: URL) throws {
    var tensors: [String: Tensor] = [:]
    var format = Self.formatOfMany
    if channels == 1, Set(sizes).count == 1, let size = sizes.first {
      format = Self.formatOfOne
      tensors["probabilities"] = Tensor(
        dtype: "U8", shape: [count, size.height, size.width], offsets: [0, count * size.pixels])
    } else {
      var end = 0
      for (id, size) in zip(ids, sizes) {
        let bytes = size.pixels * channels
        tensors[id] = Tensor(
          dtype: "U8", shape: [size.height, size.width, channels], offsets: [end, end + bytes])
        end += bytes
      }
    }
    let header = Header(
      metadata: Metadata(format: format, ids: try JSON.line(ids)), tensors: tensors)
    var text = Array(try JSON.line(header).utf8)
    text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
    let file = try WholeFile(url)
    try withUnsafeBytes(of: UInt64(text.count).littleEndian) { try file.write($0) }
    try text.withUnsafeBytes { try file.write($0) }
    for index in ids.indices { try bytes(index).withUnsafeBytes { try file.write($0) } }
    try file.commit()
  }

  /// Opens a file; maps are read from it as they are needed.
  /// - Throws: `ProbabilityMapsError` saying what is wrong with it.
  public init(contentsOf url: URL) throws {
    func fail(_ problem: String) -> ProbabilityMapsError {
      ProbabilityMapsError(subject: url.path, problem: problem)
    }
    let store: SampleStore
    do { store = try SampleStore(contentsOf: url) } catch {
      throw fail("cannot be read: \((error as? FileError)?.reason ?? "\(error)")")
    }
    guard store.count >= 8 else { throw fail("is truncated: \(store.count) bytes") }
    let length = store.bytes(at: 0, count: 8).reversed()
      .reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.longestHeader) else {
      throw fail("is no file of probability maps: its header would have \(length) bytes")
    }
    let start = 8 + Int(length)
    guard store.count >= start else {
      throw fail("is truncated: the header has \(length) bytes, the file \(store.count)")
    }
    let header: Header
    let ids: [String]
    do {
      header = try JSONDecoder().decode(
        Header.self, from: Data(store.bytes(at: 8, count: Int(length))))
      ids = try JSONDecoder().decode([String].self, from: Data(header.metadata.ids.utf8))
    } catch {
      throw fail("is no file of probability maps: its header cannot be read")
    }
    let format = header.metadata.format
    guard format == Self.formatOfOne || format == Self.formatOfMany else {
      throw fail(
        "has the format \(format), this program reads \(Self.formatOfOne) and \(Self.formatOfMany)")
    }
    var sizes: [ImageSize] = []
    var channels = 1
    if format == Self.formatOfOne {
      guard let tensor = header.tensors["probabilities"], header.tensors.count == 1 else {
        throw fail("holds no tensor of probabilities")
      }
      guard tensor.dtype == "U8", tensor.shape.count == 3, tensor.shape[0] == ids.count,
        tensor.shape.allSatisfy({ (0...(1 << 20)).contains($0) }),
        tensor.shape[1] > 0, tensor.shape[2] > 0, tensor.shape.reduce(1, *) <= store.count
      else { throw fail("holds \(tensor.dtype) of shape \(tensor.shape) for \(ids.count) ids") }
      sizes = [ImageSize](
        repeating: ImageSize(width: tensor.shape[2], height: tensor.shape[1]), count: ids.count)
    } else {
      var end = 0
      for id in ids {
        // No more than the file has, so that sums of sizes stay numbers.
        guard let tensor = header.tensors[id], tensor.dtype == "U8", tensor.shape.count == 3,
          tensor.shape.allSatisfy({ (1...(1 << 20)).contains($0) }), tensor.offsets.first == end,
          tensor.shape.reduce(1, *) <= store.count
        else { throw fail("holds no map of the image \(id)") }
        if sizes.isEmpty { channels = tensor.shape[2] }
        guard tensor.shape[2] == channels else {
          throw fail("the map of \(id) has \(tensor.shape[2]) channels, others \(channels)")
        }
        sizes.append(ImageSize(width: tensor.shape[1], height: tensor.shape[0]))
        end += tensor.shape.reduce(1, *)
      }
    }
    let size = sizes.reduce(0) { $0 + $1.pixels * channels }
    guard store.count == start + size,
      format == Self.formatOfMany || header.tensors["probabilities"]?.offsets == [0, size]
    else {
      throw fail(
        "is truncated or corrupt: \(store.count - start) bytes of probabilities instead of \(size)")
    }
    self.init(ids: ids, sizes: sizes, channels: channels, from: start, in: store)
  }
}
