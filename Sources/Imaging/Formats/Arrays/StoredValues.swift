// Numbers of which some bits are the value, and values that stand for others by a linear rule.

/// How a stored number becomes a value (DICOM PS3.3, C.7.6.3.1 and C.11.1).
struct StoredValues {
  /// Bits of the value.
  var bits: Int
  /// Where the value's lowest bit is.
  var shift: Int
  /// Whether the highest bit is the sign.
  var isSigned: Bool
  /// Whether 0 is white.
  var isInverted: Bool
  /// Value = slope * number + intercept; nil where numbers are the values.
  var rule: (slope: Double, intercept: Double)?

  /// What samples the values come as.
  var kind: SampleKind {
    isSigned || rule != nil || bits > 16 ? .floats : bits > 8 ? .words : .bytes
  }

  /// The value that stands for white.
  var fullScale: Float { kind == .floats ? 1 : Float((1 << bits) - 1) }

  /// Copies numbers of 8, 16 or 32 bit to samples; see `SampleType.copy`.
  func copy(
    _ count: Int, from source: UnsafeRawPointer, step: Int, isBig: Bool, type: SampleType,
    to target: UnsafeMutableRawPointer, skip: Int
  ) {
    let mask = UInt32.max >> UInt32(32 - bits)
    for index in 0..<count {
      let place = source + index * step
      let number: UInt32 =
        switch type.size {
        case 1: UInt32(place.load(as: UInt8.self))
        case 2:
          UInt32(
            isBig
              ? place.loadUnaligned(as: UInt16.self).bigEndian
              : place.loadUnaligned(as: UInt16.self).littleEndian)
        default:
          isBig
            ? place.loadUnaligned(as: UInt32.self).bigEndian
            : place.loadUnaligned(as: UInt32.self).littleEndian
        }
      var value = number >> UInt32(shift) & mask
      if isInverted { value = ~value & mask }
      switch kind {
      case .bytes:
        target.storeBytes(
          of: UInt8(truncatingIfNeeded: value), toByteOffset: index * skip, as: UInt8.self)
      case .words:
        target.storeBytes(
          of: UInt16(truncatingIfNeeded: value), toByteOffset: 2 * index * skip, as: UInt16.self)
      case .floats:
        // The sign's bit moved to the top and back fills what is above it.
        let free = UInt32(32 - bits)
        let whole =
          isSigned ? Double(Int32(bitPattern: value << free) >> Int32(free)) : Double(value)
        let sample = rule.map { Float($0.slope * whole + $0.intercept) } ?? Float(whole)
        target.storeBytes(of: sample, toByteOffset: 4 * index * skip, as: Float.self)
      }
    }
  }
}
