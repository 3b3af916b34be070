// The C kernels for this processor.

import CKernels

/// The kernels of the best instruction set that this processor has.
struct Kernels: @unchecked Sendable {
  // Points to a constant table; never written.
  private let table: UnsafePointer<ck_kernels>
  /// The instruction set, for example `x86-64-v4`.
  let name: String

  /// - Parameter limit: 0 portable kernels only, 1 up to AVX2, 2 up to AVX-512.
  init(limit: Int = 2) {
    table = ck_select(Int32(limit))
    name = String(cString: table.pointee.name)
  }

  @inline(__always)
  var call: ck_kernels {
    _read { yield table.pointee }
  }
}
