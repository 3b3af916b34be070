// Probabilities of images of any size by a network that sees frames of one size: what the frames are, and
// how their results become an image's again.

package import Datasets
package import Imaging

/// Runs a function of frames over images.
package struct MapRun {
  package var set: ImageSet
  package var frame: Frame
  /// Rows and columns of a frame.
  package var input: ImageSize
  /// Probabilities a pixel.
  package var outputs: Int
  /// Frames a call.
  package var batch: Int
  /// The share of a window that the next one covers again.
  package var overlap: Double
  /// Of what is done beside the network.
  package var threads: Int

  package init(
    set: ImageSet, frame: Frame, input: ImageSize, outputs: Int, batch: Int, overlap: Double,
    threads: Int = 1
  ) {
    self.set = set
    self.frame = frame
    self.input = input
    self.outputs = outputs
    self.batch = batch
    self.overlap = overlap
    self.threads = threads
  }

  /// - Parameters:
  ///   - indices: which images of the set.
  ///   - forward: the probabilities [height, width, outputs] of each frame, each with its image's index.
  ///   - onImage: called with each image's map when it is done, in the order of the indices.
  package func run(
    _ indices: [Int], forward: (_ frames: [Plane], _ images: [Int]) throws -> [[Float]],
    onImage: (_ place: Int, Plane) throws -> Void
  ) throws {
    var jobs: [(place: Int, window: ImageWindow)] = []
    var blender: MapBlender?
    var left = 0

    func finish(_ place: Int, _ values: [Float], _ window: ImageWindow) throws {
      let size = set.size(indices[place])
      switch frame {
      case .whole:
        try onImage(
          place,
          Plane(width: size.width, height: size.height, channels: outputs, values: values))
      case .resize:
        let map = Plane(
          width: input.width, height: input.height, channels: outputs, values: values)
        try onImage(place, map.resized(width: size.width, height: size.height))
      case .patch(let side):
        if blender == nil {
          blender = MapBlender(size, side: side, channels: outputs)
          left = frame.windows(of: size, overlap: overlap).count
        }
        blender?.add(values, at: window)
        left -= 1
        if left == 0, let done = blender.take() { try onImage(place, done.plane()) }
      }
    }

    func flush() throws {
      guard !jobs.isEmpty else { return }
      let (wanted, set, frame) = (jobs.map { (indices[$0.place], $0.window) }, set, frame)
      let frames = try concurrentMap(count: jobs.count, threads: threads) {
        set.frame(wanted[$0].0, wanted[$0].1, frame)
      }
      let values = try forward(frames, wanted.map(\.0))
      for (at, job) in jobs.enumerated() { try finish(job.place, values[at], job.window) }
      jobs.removeAll(keepingCapacity: true)
    }

    for (place, index) in indices.enumerated() {
      for window in frame.windows(of: set.size(index), overlap: overlap) {
        jobs.append((place, window))
        if jobs.count == batch { try flush() }
      }
    }
    try flush()
  }
}

extension ImageSet {
  /// A window of an image, or all of it at a frame's size.
  func frame(_ index: Int, _ window: ImageWindow, _ frame: Frame) -> Plane {
    guard case .resize(let size) = frame else { return image(index, window) }
    return image(index).scaled(to: size)
  }
}

extension Plane {
  /// Another size: smoothed where it becomes smaller.
  func scaled(to size: ImageSize) -> Plane {
    resized(
      width: size.width, height: size.height,
      size.width < width || size.height < height ? .area : .bilinear)
  }
}
