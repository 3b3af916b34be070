// Memory of a plan: buffers with lifetimes, placed together in one arena before the first step.

/// Where a piece of work runs: which image, on which worker, with that worker's scratch memory.
struct Position {
  var image: Int
  var worker: Int
  var scratch: UnsafeMutablePointer<Float>
}

/// Room for one value of every image, used from phase `phases.lowerBound` to the upper bound.
/// A buffer that lives within one phase needs room only for the images being worked on, one a
/// worker: it stays in that worker's cache.
final class Buffer {
  /// Floats an image, a multiple of a cache line's 16.
  let stride: Int
  fileprivate(set) var phases: ClosedRange<Int>?
  fileprivate(set) var works: ClosedRange<Int>?
  fileprivate var base: UnsafeMutablePointer<Float>?
  fileprivate var isLocal = false
  /// Floats from an image's, or if local a worker's, room to the next.
  fileprivate var step = 0

  init(count: Int) { stride = (count + 15) / 16 * 16 }

  /// Says that work number `work` in `phase` reads or writes this buffer.
  func touch(phase: Int, work: Int) {
    phases = min(phases?.lowerBound ?? phase, phase)...max(phases?.upperBound ?? phase, phase)
    works = min(works?.lowerBound ?? work, work)...max(works?.upperBound ?? work, work)
  }

  /// The image's values.
  @inline(__always)
  func at(_ position: Position) -> UnsafeMutablePointer<Float> {
    base! + (isLocal ? position.worker : position.image) * step
  }
}

/// What is still to be done to a stored value whenever it is read: max(scale x + shift, floor), with
/// one factor a channel. A batch norm and ReLU cost no pass of their own this way.
final class Pending {
  let scale: Floats
  let shift: Floats
  let floor: Floats

  /// Leaves values as they are until the factors are set.
  init(_ builder: PlanBuilder, channels: Int) {
    scale = builder.floats(channels)
    shift = builder.floats(channels)
    floor = builder.floats(channels)
    scale.pointer.update(repeating: 1, count: channels)
    shift.pointer.update(repeating: 0, count: channels)
    floor.pointer.update(repeating: -.infinity, count: channels)
  }
}

/// The factors of some channels, from `offset` on.
struct Factors {
  let all: Pending
  var offset: Int

  init(_ all: Pending, offset: Int) {
    self.all = all
    self.offset = offset
  }

  var scale: UnsafeMutablePointer<Float> { all.scale.pointer + offset }
  var shift: UnsafeMutablePointer<Float> { all.shift.pointer + offset }
  var floor: UnsafeMutablePointer<Float> { all.floor.pointer + offset }

  func setFloor(_ value: Float, _ channels: Int) {
    floor.update(repeating: value, count: channels)
  }
}

/// Some channels of a buffer.
struct View {
  var buffer: Buffer
  var shape: Shape
  /// First channel within a pixel of the buffer.
  var offset = 0
  /// Channels of a pixel of the buffer.
  var pitch: Int
  /// How the buffer holds numbers.
  let element: Element
  /// What to do on reading.
  var pending: Factors?

  init(_ shape: Shape, _ element: Element = .float32) {
    buffer = Buffer(count: (shape.count + element.inWord - 1) / element.inWord)
    self.shape = shape
    self.element = element
    pitch = shape.channels
  }

  /// Whether `at` gives the values themselves.
  var isPlain: Bool { element == .float32 && pending == nil }

  /// `channels` channels from `offset` on.
  func channels(_ offset: Int, _ channels: Int) -> View {
    var view = self
    view.offset += offset
    view.shape.channels = channels
    view.pending?.offset += offset
    return view
  }

  /// The first value of a float32 view.
  @inline(__always)
  func at(_ position: Position) -> UnsafeMutablePointer<Float> { buffer.at(position) + offset }

  /// The first value of any view.
  @inline(__always)
  func memory(_ position: Position) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(buffer.at(position)) + offset * (element == .float32 ? 4 : 2)
  }

  /// An image as one vector; only without gaps between pixels.
  var asVector: View {
    var vector = self
    vector.shape = Shape(height: 1, width: 1, channels: shape.count)
    vector.pitch = shape.count
    return vector
  }

  /// Floats between rows.
  var rowPitch: Int { shape.width * pitch }
}

/// One allocation for all buffers of a plan; buffers whose lifetimes do not overlap share memory.
final class Arena {
  private let memory: Floats
  var bytes: Int { memory.bytes }

  /// - Parameters:
  ///   - buffers: touched by every work that uses them.
  ///   - images: slices of the batch.
  ///   - workers: threads.
  init(_ buffers: [Buffer], images: Int, workers: Int) {
    for buffer in buffers {
      buffer.isLocal =
        buffer.phases.map { $0.count == 1 } ?? true && workers < images
    }
    let shared = Arena.place(
      buffers.filter { !$0.isLocal }.map { ($0.phases ?? 0...0, $0.stride * images) })
    let local = Arena.place(
      buffers.filter(\.isLocal).map { ($0.works ?? 0...0, $0.stride) })
    // Kernels may read, and ignore, up to a vector beyond a value's end.
    memory = Floats(shared.size + local.size * workers + 64)
    let floats = memory.pointer
    for (buffer, offset) in zip(buffers.filter { !$0.isLocal }, shared.offsets) {
      buffer.base = floats + offset
      buffer.step = buffer.stride
    }
    // Workers are not in step with each other, so each has all local buffers to itself.
    for (buffer, offset) in zip(buffers.filter(\.isLocal), local.offsets) {
      buffer.base = floats + shared.size + offset
      buffer.step = local.size
    }
  }

  /// Places the largest first, each at the lowest offset that is free all its life.
  static func place(_ requests: [(life: ClosedRange<Int>, size: Int)]) -> (
    offsets: [Int], size: Int
  ) {
    var offsets = [Int](repeating: 0, count: requests.count)
    var placed: [Int] = []
    var size = 0
    for index in requests.indices.sorted(by: {
      (requests[$1].size, $0) < (requests[$0].size, $1)
    }) {
      let request = requests[index]
      let taken =
        placed.filter { requests[$0].life.overlaps(request.life) }
        .map { offsets[$0]..<(offsets[$0] + requests[$0].size) }
        .sorted { $0.lowerBound < $1.lowerBound }
      var offset = 0
      for range in taken {
        if offset + request.size <= range.lowerBound { break }
        offset = max(offset, range.upperBound)
      }
      offsets[index] = offset
      placed.append(index)
      size = max(size, offset + request.size)
    }
    return (offsets, size)
  }
}
