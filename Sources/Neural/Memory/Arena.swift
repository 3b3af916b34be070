// Where a plan's buffers lie: all in one allocation, placed before the first step.

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
      buffer.lie(at: floats + offset, step: buffer.stride)
    }
    // Workers are not in step with each other, so each has all local buffers to itself.
    for (buffer, offset) in zip(buffers.filter(\.isLocal), local.offsets) {
      buffer.lie(at: floats + shared.size + offset, step: local.size)
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
