// Probability maps as a file in the safetensors layout (https://github.com/huggingface/safetensors):
// one tensor `probabilities` of bytes, [count, height, width], and the ids as text. So other tools
// read them too.

import Basics
public import Foundation

extension ProbabilityMaps {
  private static let format = "work-probability-maps/1"
  private static let longestHeader = 1 << 28

  private struct Header: Codable {
    struct Metadata: Codable {
      var format: String
      /// A JSON array, since metadata is text.
      var ids: String
    }
    struct Tensor: Codable {
      var dtype: String
      var shape: [Int]
      var offsets: [Int]

      enum CodingKeys: String, CodingKey {
        case dtype, shape
        case offsets = "data_offsets"
      }
    }
    var metadata: Metadata
    var probabilities: Tensor

    enum CodingKeys: String, CodingKey {
      case metadata = "__metadata__"
      case probabilities
    }
  }

  /// Writes the file, whole or not at all; the same maps give the same bytes.
  /// - Throws: `FileError` when it cannot be written.
  public func write(to url: URL) throws {
    let header = Header(
      metadata: .init(format: Self.format, ids: try JSON.line(ids)),
      probabilities: .init(
        dtype: "U8", shape: [count, height, width], offsets: [0, values.count]))
    var text = Array(try JSON.line(header).utf8)
    text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
    let file = try WholeFile(url)
    try withUnsafeBytes(of: UInt64(text.count).littleEndian) { try file.write($0) }
    try text.withUnsafeBytes { try file.write($0) }
    try values.withUnsafeBytes { try file.write($0) }
    try file.commit()
  }

  /// Reads a file.
  /// - Throws: `ProbabilityMapsError` saying what is wrong with it.
  public init(contentsOf url: URL) throws {
    func fail(_ problem: String) -> ProbabilityMapsError {
      ProbabilityMapsError(subject: url.path, problem: problem)
    }
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw fail("cannot be read: \(error.localizedDescription)")
    }
    guard data.count >= 8 else { throw fail("is truncated: \(data.count) bytes") }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.longestHeader) else {
      throw fail("is no file of probability maps: its header would have \(length) bytes")
    }
    let start = 8 + Int(length)
    guard data.count >= start else {
      throw fail("is truncated: the header has \(length) bytes, the file \(data.count)")
    }
    let header: Header
    let ids: [String]
    do {
      header = try JSONDecoder().decode(
        Header.self, from: data.subdata(in: (data.startIndex + 8)..<(data.startIndex + start)))
      ids = try JSONDecoder().decode([String].self, from: Data(header.metadata.ids.utf8))
    } catch {
      throw fail("is no file of probability maps: its header cannot be read")
    }
    guard header.metadata.format == Self.format else {
      throw fail(
        "has the format \(header.metadata.format), this program reads \(Self.format)")
    }
    let tensor = header.probabilities
    guard tensor.dtype == "U8", tensor.shape.count == 3, tensor.shape[0] == ids.count,
      tensor.shape.allSatisfy({ (0...(1 << 20)).contains($0) }),
      tensor.shape[1] > 0, tensor.shape[2] > 0
    else { throw fail("holds \(tensor.dtype) of shape \(tensor.shape) for \(ids.count) ids") }
    let size = tensor.shape.reduce(1, *)
    guard tensor.offsets == [0, size], data.count == start + size else {
      throw fail(
        "is truncated or corrupt: \(data.count - start) bytes of probabilities instead of \(size)")
    }
    self.init(
      ids: ids, width: tensor.shape[2], height: tensor.shape[1],
      values: [UInt8](data.suffix(size)))
  }
}
