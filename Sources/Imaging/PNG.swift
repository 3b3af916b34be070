// PNG files to rasters and back. What libpng needs of C is in CPNGShim; no handle of it is held
// here.

import Basics
import Bytes
import CPNGShim
public import Foundation

/// Reads and writes PNG files (ISO/IEC 15948).
public enum PNG {
  /// The most samples that are read: half a gigabyte of them.
  static let sampleLimit = 1 << 28

  /// Decodes a file's bytes at the file's own depth: grey, grey + alpha, RGB or RGBA of 1 to 16
  /// bit.
  ///
  /// A palette is expanded to RGB or RGBA of 8 bit. Gamma, colour profiles, the transparent colour
  /// of images without alpha, and text don't touch the samples.
  /// - Parameter name: how errors name the file.
  /// - Throws: `PNGError` for what is not a PNG file, truncated, corrupt, or too large.
  public static func decode(_ data: Data, name: String) throws -> Raster {
    try data.withUnsafeBytes { try decode(FileBytes($0, name: name)) }
  }

  /// Decodes a file.
  /// - Throws: `PNGError`, also where the file can't be read.
  public static func decode(contentsOf url: URL) throws -> Raster {
    let file: FileBytes
    do { file = try FileBytes(contentsOf: url, as: "picture") } catch let problem as ReadingProblem
    {
      throw PNGError(file: url.path, reason: problem.reason)
    }
    return try decode(file)
  }

  private static func decode(_ file: FileBytes) throws -> Raster {
    do {
      let format = ImageFormat(magic: file.all)
      guard format == .png else {
        let instead = format.map { "it is a \($0.title) file" } ?? ForeignFile.whatItIs(file.all)
        throw ReadingProblem("it is not a PNG file: \(instead)")
      }
      var options = DecodingOptions()
      options.limits.samples = sampleLimit
      return try Raster(Picture(file, options).scan())
    } catch let problem as ReadingProblem {
      throw PNGError(file: file.name, reason: problem.reason)
    }
  }

  /// Encodes a raster at its own depth; the same samples give the same bytes (of one version of
  /// libpng and zlib).
  /// - Throws: `PNGError` where there is not enough memory.
  public static func encode(_ raster: Raster) throws -> Data {
    var header = cpng_header(
      width: UInt32(raster.width), height: UInt32(raster.height), channels: Int32(raster.channels),
      bit_depth: Int32(raster.bitDepth), is_palette: 0, is_interlaced: 0, colour_count: 0,
      alpha_count: 0)
    var buffer = cpng_buffer()
    defer { cpng_release(&buffer) }
    try raster.samples.withUnsafeBufferPointer { samples in
      try check("PNG of \(raster.width) × \(raster.height) pixels") { message in
        cpng_write(&header, samples.baseAddress, &buffer, message)
      }
    }
    return Data(UnsafeBufferPointer(start: buffer.bytes, count: buffer.count))
  }

  /// Encodes a mask as grey of a depth, marked pixels white.
  /// - Throws: `PNGError` where there is not enough memory.
  public static func encode(_ mask: Mask, bitDepth: Int) throws -> Data {
    try encode(Raster(mask, bitDepth: bitDepth))
  }

  /// Writes a raster to a file, whole or not at all.
  /// - Throws: `FileError` where it can't be written; the file is then as it was.
  public static func write(_ raster: Raster, to url: URL) throws {
    try WholeFile.write(encode(raster), to: url)
  }

  /// Writes a mask to a file as grey of a depth, whole or not at all.
  /// - Throws: `FileError` where it can't be written; the file is then as it was.
  public static func write(_ mask: Mask, bitDepth: Int, to url: URL) throws {
    try write(Raster(mask, bitDepth: bitDepth), to: url)
  }

  /// Runs a function of the shim and turns its message into an error.
  private static func check(_ name: String, _ body: (UnsafeMutablePointer<CChar>) -> Int32) throws {
    try withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(cpng_message_size)) { message in
      guard let start = message.baseAddress else { return }
      message.initialize(repeating: 0)
      if body(start) != 0 { throw PNGError(file: name, reason: String(cString: start)) }
    }
  }
}

/// Why a PNG file could not be read or written.
public struct PNGError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file's name as the caller knows it.
  public let file: String
  /// What is wrong with it.
  public let reason: String

  /// The whole story on one line.
  public var description: String { "\(file): \(reason)" }
}
