// Inks as light, without a colour profile.

enum CMYK {
  /// One of red, green and blue, 0…255: the paper's light that black leaves, less the ink's share of it.
  ///
  /// - Parameters:
  ///   - ink: cyan, magenta or yellow, 0…255.
  ///   - paper: 255 less black.
  @inline(__always)
  static func light(_ ink: UInt32, _ paper: UInt32) -> UInt8 {
    let product = ink * paper + 128
    return UInt8(truncatingIfNeeded: paper - (((product >> 8) + product) >> 8))
  }
}
