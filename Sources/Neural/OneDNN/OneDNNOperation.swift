// A convolution or transposed convolution through oneDNN. The library wants whole images without gaps,
// in its precision, so these are read into scratch memory where they aren't there already.

#if WORK_ONEDNN

  import CKernels

  /// Filters in a part of the weights' gradient, and from how many floats on it is cut into parts.
  private let partFilters = 64
  private let partThreshold = 40_000
  /// Images and floats that a call for the weights' gradient of several images reads, at most: more
  /// images gain little, and 512 KiB stay in a core's L2 cache.
  private let gradientImages = 4
  private let gradientFloats = 131_072
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
    /// The same for several images at once, where gradients are cut into parts: adding them up is
    /// then a large part of the work.
    private let manyPass: (images: Int, pass: OneDNNPass)?
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
      func pass(
        _ kind: OneDNNPass.Kind, _ geometry: ConvolutionGeometry, images: Int = 1
      ) throws(OneDNNRefusal) -> OneDNNPass {
        try OneDNNPass(kind, geometry, precision, images: images, filtersFirst: transposed)
      }
      forwardPass = try pass(transposed ? .backwardData : .forward, geometry)
      backwardPass = try pass(transposed ? .forward : .backwardData, geometry)
      weightsPass = try pass(.backwardWeights, part)
      let each = room(geometry.input.count + part.output.count, precision)
      // A power of two goes into most batches without a rest.
      var images = gradientImages
      while images > 1, images * each > gradientFloats { images /= 2 }
      if filtersInPart < filters, images > 1,
        let pass = try? pass(.backwardWeights, part, images: images),
        pass.hasOrder(of: weightsPass)
      {
        manyPass = (images, pass)
      } else {
        manyPass = nil
      }
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
      var positions = [Int](repeating: 0, count: partCount)
      for position in 0..<packed.count {
        let number = Int(packed.pointer[position])
        if number > 0 { positions[number - 1] = position }
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
            order.append(part * packed.count + positions[number])
          }
        }
      }
      return order
    }

    private func floats(_ count: Int) -> Int { room(count, precision) }

    private var partCount: Int { geometry.output.pixels * filtersInPart }

    var scratchCount: Int {
      // What is read, a float32 result without gaps, and the library's own.
      max(
        floats(input.count) + lines(output.count) + forwardPass.scratchCount,
        floats(output.count) + lines(input.count) + backwardPass.scratchCount,
        gradientScratch(weightsPass, images: 1),
        manyPass.map { gradientScratch($0.pass, images: $0.images) } ?? 0)
    }

    private func gradientScratch(_ pass: OneDNNPass, images: Int) -> Int {
      floats(images * geometry.input.count) + floats(images * partCount) + pass.packedCount
        + pass.scratchCount
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
      if precision == .float32, let plain = x.plain, plain.pitch == x.channels {
        return UnsafeRawPointer(plain.pointer)
      }
      fill(&x, pixels, into: scratch, at: 0)
      return UnsafeRawPointer(scratch)
    }

    /// Puts an image as number `position` into a row of images in scratch memory.
    private func fill(
      _ x: inout Source, _ pixels: Int, into scratch: UnsafeMutablePointer<Float>, at position: Int
    ) {
      let offset = position * pixels * x.channels
      switch precision {
      case .bfloat16:
        x.readRounded(0, pixels, into: numbers(scratch) + offset, pitch: x.channels)
      case .float32: x.read(0, pixels, into: scratch + offset, pitch: x.channels)
      }
    }

    func forward(
      _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
      relu: Bool, scratch: UnsafeMutablePointer<Float>
    ) {
      var x = x
      let from = image(&x, input.pixels, scratch)
      let room = scratch + floats(input.count)
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
      let room = scratch + floats(output.count)
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
        kernels.copy(
          shape.pixels, channels: shape.channels, Pixels(room, shape.channels), to: rows)
      }
      sink.end(rows, 0, shape.pixels)
    }

    /// The library overwrites gradients, so they are added from scratch memory.
    func backwardWeights(
      _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
      scratch: UnsafeMutablePointer<Float>
    ) {
      var (large, small) = cut(x, dy, part)
      let smallRoom = scratch + floats(geometry.input.count)
      let result = smallRoom + floats(partCount)
      let count = weightsPass.packedCount
      weightsPass.run(
        image(&large, geometry.input.pixels, scratch), result,
        image(&small, geometry.output.pixels, smallRoom), result + count)
      kernels.add(count, result, to: dw + part * count)
    }

    func backwardWeights(
      images: Int, _ x: (Int) -> Source, _ dy: (Int) -> Source,
      _ dw: UnsafeMutablePointer<Float>, part: Int, scratch: UnsafeMutablePointer<Float>
    ) {
      let count = weightsPass.packedCount
      (dw + part * count).update(repeating: 0, count: count)
      var first = 0
      if let (atOnce, pass) = manyPass {
        let smallRoom = scratch + floats(atOnce * geometry.input.count)
        let result = smallRoom + floats(atOnce * partCount)
        while first + atOnce <= images {
          for position in 0..<atOnce {
            var (large, small) = cut(x(first + position), dy(first + position), part)
            fill(&large, geometry.input.pixels, into: scratch, at: position)
            fill(&small, geometry.output.pixels, into: smallRoom, at: position)
          }
          pass.run(scratch, result, smallRoom, result + count)
          kernels.add(count, result, to: dw + part * count)
          first += atOnce
        }
      }
      for image in first..<images {
        backwardWeights(x(image), dy(image), dw, part: part, scratch: scratch)
      }
    }

    /// The larger image, and a part's channels of the smaller.
    private func cut(_ x: Source, _ dy: Source, _ part: Int) -> (large: Source, small: Source) {
      (transposed ? dy : x, (transposed ? x : dy).channels(part * filtersInPart, filtersInPart))
    }
  }

  /// Floats that numbers take as the library reads them. Rounding an odd number of channels writes a
  /// zero behind them, for which there is room.
  private func room(_ count: Int, _ precision: Precision) -> Int {
    lines(precision == .bfloat16 ? count / 2 + 1 : count)
  }

#endif
