// Where a layer's result goes: into memory as float32 or bfloat16, added to what is there, with moments
// taken on the way.

import CKernels

/// Where a layer's result for one image goes. Results come as rows from the first on, whole.
struct Sink {
  private let kernels: RowKernels
  private var memory: ck_sink
  /// Channels of a pixel.
  private(set) var channels: Int
  /// Set where a batch norm follows.
  private var moments: Moments?

  init(
    _ kernels: RowKernels, _ pointer: UnsafeMutableRawPointer, pitch: Int, channels: Int,
    element: Element, accumulate: Bool = false, moments: Moments? = nil
  ) {
    self.kernels = kernels
    self.channels = channels
    self.moments = moments
    memory = ck_sink()
    memory.y = pointer
    memory.pitch = pitch
    memory.narrow = element == .bfloat16 ? 1 : 0
    memory.accumulate = accumulate ? 1 : 0
  }

  /// `count` channels from `offset` on.
  func channels(_ offset: Int, _ count: Int) -> Sink {
    var part = self
    part.channels = count
    part.memory.y = memory.y + offset * (memory.narrow == 1 ? 2 : 4)
    part.moments = moments.map {
      Moments(shift: $0.shift + offset, sum: $0.sum + offset, squares: $0.squares + offset)
    }
    return part
  }

  /// Whether results can be written where they belong, and must be added there.
  private var isDirect: Bool { memory.narrow == 0 && (memory.accumulate == 0 || moments == nil) }

  /// Where to put the results from pixel `first` on before `end` is called: their own place, or
  /// scratch memory for the rows in work.
  func begin(_ first: Int, scratch: UnsafeMutablePointer<Float>) -> Rows {
    guard isDirect else { return Rows(pointer: scratch, pitch: channels, accumulate: false) }
    let pointer = memory.y.assumingMemoryBound(to: Float.self)
    return Rows(
      pointer: pointer + first * memory.pitch, pitch: memory.pitch,
      accumulate: memory.accumulate != 0)
  }

  /// Has the place of some pixels fetched into the cache by the next kernel that is given `ahead`.
  func fetch(_ pixels: Range<Int>, _ ahead: inout ck_ahead) {
    ahead.add(UnsafeRawPointer(memory.y), memory.pitch * (memory.narrow == 1 ? 2 : 4), pixels)
  }

  /// Takes the results that `begin` had room for.
  mutating func end(_ rows: Rows, _ first: Int, _ pixels: Int) {
    if !isDirect { kernels.write(&memory, first, pixels, channels, rows.pointer, rows.pitch) }
    measure(rows.pointer, rows.pitch, first, pixels)
  }

  /// Takes results for pixels `first`..<`first + pixels` from elsewhere, without gaps.
  mutating func put(_ values: UnsafePointer<Float>, _ first: Int, _ pixels: Int) {
    kernels.write(&memory, first, pixels, channels, values, channels)
    measure(values, channels, first, pixels)
  }

  private func measure(
    _ values: UnsafePointer<Float>, _ pitch: Int, _ first: Int, _ pixels: Int
  ) {
    guard let moments else { return }
    if first == 0 { moments.start(at: values, channels) }
    kernels.moments(pixels, channels, values, pitch, moments)
  }
}
