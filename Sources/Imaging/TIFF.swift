// Grey pictures as TIFF files (TIFF 6.0, "baseline"): for masks that are to be uploaded. Reading is libtiff's.

public import Foundation

/// Writes TIFF files.
public enum TIFF {
  /// A grey raster of 8 or 16 bit as one strip without compression, which an archive does anyway.
  ///
  /// The same samples give the same bytes: little-endian, and nothing but the fields that a reader must have.
  public static func encode(_ raster: Raster) -> Data {
    precondition(raster.channels == 1 && raster.bitDepth >= 8, "grey of 8 or 16 bit is written")
    let bytes = raster.samples.count * raster.bitDepth / 8
    // Field, type (3: 16 bit, 4: 32 bit) and value, in ascending order of the fields.
    let fields: [(UInt16, UInt16, UInt32)] = [
      (256, 4, UInt32(raster.width)), (257, 4, UInt32(raster.height)),
      (258, 3, UInt32(raster.bitDepth)), (259, 3, 1), (262, 3, 1), (273, 4, 0), (277, 3, 1),
      (278, 4, UInt32(raster.height)), (279, 4, UInt32(bytes)),
    ]
    let start = 8 + 2 + 12 * fields.count + 4
    var data = Data(capacity: start + bytes)
    func append<Number: FixedWidthInteger>(_ number: Number) {
      withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
    }
    data.append(contentsOf: Array("II".utf8))
    append(UInt16(42))
    append(UInt32(8))
    append(UInt16(fields.count))
    for (field, type, value) in fields {
      append(field)
      append(type)
      append(UInt32(1))
      append(field == 273 ? UInt32(start) : value)
    }
    append(UInt32(0))
    if raster.bitDepth == 8 {
      data.append(contentsOf: raster.samples.map { UInt8(truncatingIfNeeded: $0) })
    } else {
      for sample in raster.samples { append(sample) }
    }
    return data
  }
}
