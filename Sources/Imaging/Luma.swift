// The grey of a colour, by ITU-R BT.601.

/// The luma of ITU-R BT.601, its weights in 16-bit fixed point: grey stored as R = G = B stays exact.
enum Luma {
  /// Of whole samples, rounded to a whole one (what Pillow's mode "L" does).
  @inline(__always)
  static func of<Sample: FixedWidthInteger>(_ red: Sample, _ green: Sample, _ blue: Sample)
    -> Sample
  {
    Sample(
      truncatingIfNeeded: (19595 * UInt32(red) + 38470 * UInt32(green) + 7471 * UInt32(blue)
        + 32768) >> 16)
  }

  /// Of floats.
  static func of(_ red: Float, _ green: Float, _ blue: Float) -> Float {
    (19595 * red + 38470 * green + 7471 * blue) / 65536
  }
}
