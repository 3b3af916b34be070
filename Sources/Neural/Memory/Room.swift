// Scratch memory of a worker, cut into pieces.

/// Scratch memory that is handed out piece by piece, each on a cache line.
struct Room {
  private(set) var next: UnsafeMutablePointer<Float>

  init(_ scratch: UnsafeMutablePointer<Float>) { next = scratch }

  mutating func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    defer { next += (count + 15) / 16 * 16 }
    return next
  }
}
