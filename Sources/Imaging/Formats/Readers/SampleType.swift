// Numbers as files store them, and their way into samples.

/// The type of a number in a file.
enum SampleType: Equatable {
  case bool, uint8, int8, uint16, int16, uint32, int32, uint64, int64, float16, float32, float64

  /// Bytes of one.
  var size: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .uint16, .int16, .float16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// What samples it becomes.
  var kind: SampleKind {
    switch self {
    case .bool, .uint8: .bytes
    case .uint16: .words
    default: .floats
    }
  }

  /// The value that stands for white.
  var fullScale: Float {
    switch self {
    case .uint8: 255
    case .uint16: 65535
    default: 1
    }
  }

  /// Copies numbers to samples of the type's kind.
  ///
  /// - Parameters:
  ///   - step: bytes from one number to the next.
  ///   - isBig: whether a number's first byte is its highest.
  ///   - skip: samples from one to the next.
  func copy(
    _ count: Int, from source: UnsafeRawPointer, step: Int, isBig: Bool,
    to target: UnsafeMutableRawPointer, skip: Int
  ) {
    /// Copies numbers that are read as a whole number of their size.
    @inline(__always)
    func copy<Bits: FixedWidthInteger, Sample>(
      _ bits: Bits.Type, _ convert: (Bits) -> Sample
    ) {
      let samples = target.assumingMemoryBound(to: Sample.self)
      for index in 0..<count {
        let stored = source.loadUnaligned(fromByteOffset: index * step, as: Bits.self)
        (samples + index * skip).initialize(
          to: convert(isBig ? stored.bigEndian : stored.littleEndian))
      }
    }
    switch self {
    case .bool: copy(UInt8.self) { $0 == 0 ? 0 : 1 as UInt8 }
    case .uint8: copy(UInt8.self) { $0 }
    case .int8: copy(UInt8.self) { Float(Int8(bitPattern: $0)) }
    case .uint16: copy(UInt16.self) { $0 }
    case .int16: copy(UInt16.self) { Float(Int16(bitPattern: $0)) }
    case .uint32: copy(UInt32.self) { Float($0) }
    case .int32: copy(UInt32.self) { Float(Int32(bitPattern: $0)) }
    case .uint64: copy(UInt64.self) { Float($0) }
    case .int64: copy(UInt64.self) { Float(Int64(bitPattern: $0)) }
    case .float16: copy(UInt16.self) { Self.half($0) }
    case .float32: copy(UInt32.self) { Float(bitPattern: $0) }
    case .float64: copy(UInt64.self) { Float(Double(bitPattern: $0)) }
    }
  }

  /// A number of IEEE 754's 16 bit, exactly.
  static func half(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 31)
    let fraction = Float(bits & 1023)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
    }
  }
}

/// Numbers of a few bits each, packed from the highest bit of each byte downwards.
enum PackedBits {
  /// Copies `count` numbers to bytes (up to 8 bit) or words (9 to 16), `skip` samples apart.
  static func copy(
    _ count: Int, bits: Int, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer,
    skip: Int, inverted: Bool
  ) {
    let mask = UInt32(1) << UInt32(bits) - 1
    var held: UInt32 = 0
    var available = 0
    var place = 0
    for index in 0..<count {
      while available < bits {
        held = held << 8 | UInt32(source.load(fromByteOffset: place, as: UInt8.self))
        place += 1
        available += 8
      }
      available -= bits
      let value = (held >> UInt32(available) & mask) ^ (inverted ? mask : 0)
      if bits <= 8 {
        target.storeBytes(
          of: UInt8(truncatingIfNeeded: value), toByteOffset: index * skip, as: UInt8.self)
      } else {
        target.storeBytes(
          of: UInt16(truncatingIfNeeded: value), toByteOffset: 2 * index * skip, as: UInt16.self)
      }
    }
  }
}
