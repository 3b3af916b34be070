// The C kernels for bfloat16, and how they see memory: a word is two bfloat16 numbers in the place of
// a float.

import CKernels

/// The kernels for bfloat16 of this processor.
struct BFloat16Kernels: @unchecked Sendable {
  // Points to a constant table; never written.
  private let table: UnsafePointer<ck_bfloat16>
  let name: String

  /// Nil if the processor lacks AVX512_BF16, or may not use it because of `limit`.
  init?(limit: Int) {
    guard limit >= 2, let table = ck_select_bfloat16() else { return nil }
    self.table = table
    name = String(cString: table.pointee.name)
  }

  @inline(__always)
  var call: ck_bfloat16 {
    _read { yield table.pointee }
  }
}

/// An even number of channels: two share a word.
func even(_ channels: Int) -> Int { (channels + 1) / 2 * 2 }

/// The same memory as bfloat16 numbers, and as words.
func numbers(_ scratch: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<UInt16> {
  UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt16.self)
}

func bits(_ scratch: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<UInt32> {
  UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt32.self)
}
