// A convolution or transposed convolution through oneDNN. The library wants whole images without gaps,
// in its precision, so these are read into scratch memory where they aren't there already.

#if WORK_ONEDNN

  import CKernels

  /// Filters in a part of the weights' gradient, and from how many floats on it is cut into parts.
  private let partFilters = 64
  private let partThreshold = 40_000
  /// Floats of images that one call for the weights' gradient reads, at most.
  private let gradientImages = 131_072
  /// Places of gradients are found by packing their numbers, which float32 holds up to here.
  private let largestNumber = 1 << 24

  final class OneDNNOperation: ReorderedGradient {
    private let kernels: Kernels
    private let precision: Precision
    private let transposed: Bool
    /// The convolution from the larger image to the smaller, whose adjoint a transposed one is.
    private let geometry: ConvolutionGeometry
    private let filtersInPart: Int
    private let forwardPass: OneDNNPass
    private let backwardPass: OneDNNPass
    private let weightsPass: OneDNNPass
    private let ones: Floats

    /// - Throws: `OneDNNRefusal`, where the library has no fast kernel.
    init(
      _ geometry: ConvolutionGeometry, _ precision: Precision, transposed: Bool, _ kernels: Kernels
    ) throws(OneDNNRefusal) {
      var geometry = geometry
      if transposed { (geometry.input, geometry.output) = (geometry.output, geometry.input) }
      let (channels, filters) = (geometry.input.channels, geometry.output.channels)
      let count = geometry.taps * channels * filters
      filtersInPart = count > partThreshold && filters % partFilters == 0 ? partFilters : filters
      var part = geometry
      part.output.channels = filtersInPart
      guard geometry.taps * channels * filtersInPart < largestNumber else {
        throw OneDNNRefusal(implementation: "too many weights")
      }
      func pass(_ kind: OneDNNPass.Kind, _ geometry: ConvolutionGeometry) throws(OneDNNRefusal)
        -> OneDNNPass
      {
        try OneDNNPass(kind, geometry, precision, images: 1, filtersFirst: transposed)
      }
      forwardPass = try pass(transposed ? .backwardData : .forward, geometry)
      backwardPass = try pass(transposed ? .forward : .backwardData, geometry)
      weightsPass = try pass(.backwardWeights, part)
      self.kernels = kernels
      self.precision = precision
      self.transposed = transposed
      self.geometry = geometry
      let results = (transposed ? geometry.input : geometry.output).channels
      ones = Floats(results)
      ones.pointer.update(repeating: 1, count: results)
    }

    private var input: Shape { transposed ? geometry.output : geometry.input }
    private var output: Shape { transposed ? geometry.input : geometry.output }

    var implementation: String {
      [forwardPass, backwardPass, weightsPass].map(\.implementation).joined(separator: ", ")
    }
    var forwardCount: Int { forwardPass.packedCount }
    var backwardCount: Int { backwardPass.packedCount }
    var gradientCount: Int { weightsPass.packedCount * gradientParts }
    var gradientParts: Int { geometry.output.channels / filtersInPart }

    /// The library's order, part by part; found by packing the weights' numbers.
    var gradientOrder: [Int] {
      let (channels, filters) = (geometry.input.channels, geometry.output.channels)
      let partCount = geometry.taps * channels * filtersInPart
      let (plain, packed) = (Floats(partCount), Floats(weightsPass.packedCount))
      for i in 0..<partCount { plain.pointer[i] = Float(i + 1) }
      weightsPass.pack(plain.pointer, into: packed.pointer)
      var places = [Int](repeating: 0, count: partCount)
      for place in 0..<packed.count {
        let number = Int(packed.pointer[place])
        if number > 0 { places[number - 1] = place }
      }
      var order: [Int] = []
      order.reserveCapacity(geometry.taps * channels * filters)
      for tap in 0..<geometry.taps {
        for first in 0..<(transposed ? filters : channels) {
          for second in 0..<(transposed ? channels : filters) {
            let (channel, filter) = transposed ? (second, first) : (first, second)
            let (part, within) = (filter / filtersInPart, filter % filtersInPart)
            let number =
              transposed
              ? (tap * filtersInPart + within) * channels + channel
              : (tap * channels + channel) * filtersInPart + within
            order.append(part * packed.count + places[number])
          }
        }
      }
      return order
    }

    /// Floats that an image takes as the library reads it.
    private func words(_ count: Int) -> Int {
      lines(precision == .bfloat16 ? (count + 1) / 2 : count)
    }

    private var partWords: Int { words(geometry.output.pixels * filtersInPart) }

    var scratchCount: Int {
      // What is read, a float32 result without gaps, and the library's own.
      max(
        words(input.count) + lines(output.count) + forwardPass.scratchCount,
        words(output.count) + lines(input.count) + backwardPass.scratchCount,
        words(geometry.input.count) + partWords + weightsPass.packedCount
          + weightsPass.scratchCount)
    }

    func prepareForward(
      _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
    ) {
      forwardPass.pack(weights, into: prepared)
    }

    func prepareBackward(
      _ weights: UnsafePointer<Float>, into prepared: UnsafeMutablePointer<Float>
    ) {
      backwardPass.pack(weights, into: prepared)
    }

    /// The image as the library reads it: where it is, or in scratch memory.
    private func image(
      _ x: inout Source, _ pixels: Int, _ scratch: UnsafeMutablePointer<Float>
    ) -> UnsafeRawPointer {
      if precision == .bfloat16 {
        x.readRounded(0, pixels, into: numbers(scratch), pitch: x.channels)
      } else if let plain = x.plain, plain.pitch == x.channels {
        return UnsafeRawPointer(plain.pointer)
      } else {
        x.read(0, pixels, into: scratch, pitch: x.channels)
      }
      return UnsafeRawPointer(scratch)
    }

    func forward(
      _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
      relu: Bool, scratch: UnsafeMutablePointer<Float>
    ) {
      var x = x
      let from = image(&x, input.pixels, scratch)
      let room = scratch + words(input.count)
      put(into: y, output, room) { result in
        let own = room + lines(output.count)
        if transposed {
          forwardPass.run(result, prepared, from, own)
        } else {
          forwardPass.run(from, prepared, result, own)
        }
        kernels.scaleShift(
          output.pixels, output.channels, result, output.channels, scale: ones.pointer,
          shift: bias, relu: relu)
      }
    }

    func backwardData(
      _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
      scratch: UnsafeMutablePointer<Float>
    ) {
      var dy = dy
      let from = image(&dy, output.pixels, scratch)
      let room = scratch + words(output.count)
      put(into: dx, input, room) { result in
        let own = room + lines(input.count)
        if transposed {
          backwardPass.run(from, prepared, result, own)
        } else {
          backwardPass.run(result, prepared, from, own)
        }
      }
    }

    /// Has a result without gaps computed, in its place if that has none either.
    private func put(
      into sink: Sink, _ shape: Shape, _ room: UnsafeMutablePointer<Float>,
      _ compute: (UnsafeMutablePointer<Float>) -> Void
    ) {
      var sink = sink
      let rows = sink.begin(0, scratch: room)
      let isInPlace = rows.pitch == shape.channels && !rows.accumulate
      compute(isInPlace ? rows.pointer : room)
      if !isInPlace {
        kernels.call.copy(
          shape.pixels, shape.channels, room, shape.channels, rows.pointer, rows.pitch,
          rows.accumulate ? 1 : 0)
      }
      sink.end(rows, 0, shape.pixels)
    }

    /// The library overwrites gradients, so they are added from scratch memory.
    func backwardWeights(
      _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
      scratch: UnsafeMutablePointer<Float>
    ) {
      var whole = transposed ? dy : x
      var cut = (transposed ? x : dy).channels(part * filtersInPart, filtersInPart)
      let partRoom = scratch + words(geometry.input.count)
      let result = partRoom + partWords
      let count = weightsPass.packedCount
      weightsPass.run(
        image(&whole, geometry.input.pixels, scratch), result,
        image(&cut, geometry.output.pixels, partRoom), result + count)
      kernels.add(count, result, to: dw + part * count)
    }
  }

#endif
