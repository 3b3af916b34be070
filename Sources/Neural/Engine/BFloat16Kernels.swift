// The C kernels for bfloat16, and how they see memory: a word is two bfloat16 numbers in the place of
// a float.

import CKernels

/// Which kernels may use AMX's tiles.
package enum TileUse: Sendable {
  case never
  /// Where `AMX.here` is ready.
  case whereReady
  /// On an emulation of the tiles, for tests on processors without them.
  case emulated
}

/// The kernels for bfloat16 of this processor.
struct BFloat16Kernels: @unchecked Sendable {
  // Points to a constant table; never written.
  private let table: UnsafePointer<ck_bfloat16>
  let name: String
  /// Whether direct convolutions multiply in tiles, faster than anything else.
  let hasTiles: Bool

  /// Nil if the processor lacks AVX512_BF16, or may not use it because of `limit`.
  init?(limit: Int, tiles: TileUse) {
    let choice =
      switch tiles {
      case .never: CK_TILES_NONE
      case .whereReady: AMX.isSwitchedOff ? CK_TILES_NONE : CK_TILES_READY
      case .emulated: CK_TILES_EMULATED
      }
    guard limit >= 2, let table = ck_select_bfloat16(choice) else { return nil }
    self.table = table
    var name = String(cString: table.pointee.name)
    if choice == CK_TILES_READY, AMX.here == .wrong { name += " (AMX failed its trial)" }
    self.name = name
    hasTiles = table != ck_select_bfloat16(CK_TILES_NONE)
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
