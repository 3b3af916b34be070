// The safetensors file format (https://github.com/huggingface/safetensors): eight bytes with the
// header's length, a JSON header, then the values. Reads and writes float32 tensors and text;
// files are treated as untrusted.

import Basics
package import Foundation

/// A file that cannot be read or written, and why.
public struct SafetensorsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What is wrong.
  public let problem: String
  /// `path: problem`.
  public var description: String { "\(path): \(problem)" }

  package init(path: String, problem: String) {
    self.path = path
    self.problem = problem
  }
}

package struct Safetensors: Equatable {
  package var tensors: [String: Tensor]
  package var metadata: [String: String]

  package init(tensors: [String: Tensor], metadata: [String: String]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}

extension Safetensors {
  /// Headers beyond this are refused, as the format's own library does.
  private static let longestHeader = 100_000_000

  package init(contentsOf url: URL) throws {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw SafetensorsError(
        path: url.path, problem: "cannot be read: \(systemReason(error))")
    }
    try self.init(data, name: url.path)
  }

  package init(_ data: Data, name: String) throws {
    func fail(_ problem: String) -> SafetensorsError {
      SafetensorsError(path: name, problem: problem)
    }
    let bytes = [UInt8](data)
    guard bytes.count >= 8 else {
      throw fail("is truncated: \(bytes.count) bytes, not even the 8 of the header's length")
    }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.longestHeader) else {
      throw fail("is not a safetensors file: its header would have \(length) bytes")
    }
    let start = 8 + Int(length)
    guard bytes.count >= start else {
      throw fail("is truncated: the header has \(length) bytes, the file \(bytes.count)")
    }
    let parsed: Any
    do {
      parsed = try JSONSerialization.jsonObject(with: Data(bytes[8..<start]))
    } catch {
      throw fail("has a header that is not JSON")
    }
    guard let header = parsed as? [String: Any] else {
      throw fail("has a header that is not a JSON object")
    }
    tensors = [:]
    metadata = [:]
    let content = bytes[start...]
    var ranges: [(range: Range<Int>, name: String)] = []
    for (key, value) in header {
      if key == "__metadata__" {
        guard let text = value as? [String: String] else {
          throw fail("has metadata that is not all text")
        }
        metadata = text
        continue
      }
      let entry = try Entry(key, value, of: content.count, fail)
      if !entry.range.isEmpty { ranges.append((entry.range, key)) }
      if !entry.isCounter { tensors[key] = entry.tensor(in: content) }
    }
    // The format wants the values without gaps or overlaps.
    ranges.sort { $0.range.lowerBound < $1.range.lowerBound }
    var end = 0
    for (range, key) in ranges {
      guard range.lowerBound == end else {
        throw fail("tensor \"\(key)\" overlaps another or leaves a gap before it")
      }
      end = range.upperBound
    }
    guard end == content.count else {
      throw fail("has \(content.count - end) bytes after the last tensor")
    }
  }

  /// What the header says of one tensor.
  private struct Entry {
    /// PyTorch saves with a batch norm how many batches it has seen, which nothing here needs.
    let isCounter: Bool
    let shape: [Int]
    /// Numbers of the tensor.
    let count: Int
    /// Its bytes, counted from the end of the header.
    let range: Range<Int>

    /// - Parameter available: bytes behind the header.
    init(
      _ key: String, _ value: Any, of available: Int, _ fail: (String) -> SafetensorsError
    ) throws {
      let at = "tensor \"\(key)\""
      guard let entry = value as? [String: Any], let type = entry["dtype"] as? String,
        let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int],
        offsets.count == 2
      else { throw fail("\(at) lacks dtype, shape or data_offsets") }
      isCounter = type == "I64" && key.hasSuffix("num_batches_tracked")
      guard type == "F32" || isCounter else {
        throw fail("\(at) has type \(type), only F32 is supported")
      }
      var count = 1
      for length in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: length)
        guard length >= 0, !overflow, product <= Int.max / 8 else {
          throw fail("\(at) has the impossible shape \(shape)")
        }
        count = product
      }
      guard offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= available else {
        throw fail(
          "is truncated or corrupt: \(at) is at bytes \(offsets[0]) to \(offsets[1]) of "
            + "\(available)")
      }
      guard offsets[1] - offsets[0] == count * (isCounter ? 8 : 4) else {
        throw fail("\(at) of shape \(shape) has \(offsets[1] - offsets[0]) bytes")
      }
      (self.shape, self.count) = (shape, count)
      range = offsets[0]..<offsets[1]
    }

    /// The tensor, of little-endian numbers.
    func tensor(in content: ArraySlice<UInt8>) -> Tensor {
      let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
        for index in 0..<count {
          let from = content.startIndex + range.lowerBound + 4 * index
          let bits =
            UInt32(content[from]) | UInt32(content[from + 1]) << 8
            | UInt32(content[from + 2]) << 16 | UInt32(content[from + 3]) << 24
          buffer[index] = Float(bitPattern: bits)
        }
        initialized = count
      }
      return Tensor(shape: shape, values: values)
    }
  }

  /// The same tensors and text give the same bytes: names are sorted.
  package func encoded() throws -> Data {
    var entries: [String] = []
    func quoted(_ text: String) throws -> String {
      String(
        decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }
    if !metadata.isEmpty {
      let text = try metadata.sorted { $0.key < $1.key }
        .map { "\(try quoted($0.key)):\(try quoted($0.value))" }
      entries.append("\"__metadata__\":{\(text.joined(separator: ","))}")
    }
    var offset = 0
    let sorted = tensors.sorted { $0.key < $1.key }
    for (name, tensor) in sorted {
      let end = offset + 4 * tensor.values.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      entries.append(
        "\(try quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array("{\(entries.joined(separator: ","))}".utf8)
    // Aligned to 8 bytes, as the format recommends.
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    var data = Data(capacity: 8 + header.count + offset)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: header)
    for (_, tensor) in sorted {
      #if _endian(little)
        tensor.values.withUnsafeBytes { data.append(contentsOf: $0) }
      #else
        for value in tensor.values {
          withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
        }
      #endif
    }
    return data
  }

  package func write(to url: URL) throws {
    try WholeFile.write(encoded(), to: url)
  }
}
