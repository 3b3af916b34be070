// Memory of a plan: buffers with lifetimes, which an `Arena` lays out before the first step.

/// Where a piece of work runs: which image, on which worker, with that worker's scratch memory.
struct Position {
  var image: Int
  /// Counts only for memory of a worker's own.
  var worker = 0
  var scratch: UnsafeMutablePointer<Float>
}

/// Room for one value of every image, used from phase `phases.lowerBound` to the upper bound.
/// A buffer that lives within one phase needs room only for the images being worked on, one a
/// worker: it stays in that worker's cache.
final class Buffer {
  /// Floats an image, a multiple of a cache line's 16.
  let stride: Int
  private(set) var phases: ClosedRange<Int>?
  private(set) var works: ClosedRange<Int>?
  private var base: UnsafeMutablePointer<Float>?
  /// Whether it has room for the images being worked on only, one a worker.
  var isLocal = false
  /// Floats from an image's, or if local a worker's, room to the next.
  private var step = 0

  init(count: Int) { stride = (count + 15) / 16 * 16 }

  /// Says that work number `work` in `phase` reads or writes this buffer.
  func touch(phase: Int, work: Int) {
    phases = min(phases?.lowerBound ?? phase, phase)...max(phases?.upperBound ?? phase, phase)
    works = min(works?.lowerBound ?? work, work)...max(works?.upperBound ?? work, work)
  }

  /// Gives it room from `base` on, `step` floats an image, or if local a worker.
  func lie(at base: UnsafeMutablePointer<Float>, step: Int) {
    self.base = base
    self.step = step
  }

  /// The image's values.
  @inline(__always)
  func at(_ position: Position) -> UnsafeMutablePointer<Float> {
    base! + (isLocal ? position.worker : position.image) * step
  }
}
