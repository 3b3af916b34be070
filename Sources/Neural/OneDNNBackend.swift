// The backend by oneDNN, in bfloat16, where the build has the library: for processors with AMX, whose
// tiles it knows. Layers that it has no fast kernel for are left to the engine's own.

#if WORK_ONEDNN

  import CKernels
  import COneDNNShim

  struct OneDNNBackend: Backend {
    let own: BLASBackend
    let narrow: BFloat16Kernels
    let name = "onednn"
    let library: String

    init(_ kernels: Kernels, _ narrow: BFloat16Kernels) {
      own = BLASBackend(kernels, narrow)
      self.narrow = narrow
      library =
        "oneDNN \(String(cString: cd_version())) \(String(cString: cd_instruction_set()))"
    }

    func convolution(_ geometry: ConvolutionGeometry) -> any ConvolutionOperation {
      OneDNNConvolution(own.kernels, narrow, geometry) ?? own.convolution(geometry)
    }

    func transposedConvolution(_ geometry: ConvolutionGeometry) -> any ConvolutionOperation {
      own.transposedConvolution(geometry)
    }

    func dense(inputs: Int, units: Int) -> any ConvolutionOperation {
      own.dense(inputs: inputs, units: units)
    }
  }

  /// The owner of one pass of a convolution in the library.
  private final class OneDNNPass {
    private let handle: OpaquePointer
    /// Floats of packed weights and of scratch memory.
    let packedCount: Int
    let scratchCount: Int

    /// Nil where the library has no fast kernel.
    init?(_ geometry: ConvolutionGeometry, _ pass: cd_pass) {
      var g = cd_geometry()
      g.height = Int64(geometry.input.height)
      g.width = Int64(geometry.input.width)
      g.channels = Int64(geometry.input.channels)
      g.out_height = Int64(geometry.output.height)
      g.out_width = Int64(geometry.output.width)
      g.filters = Int64(geometry.output.channels)
      g.kernel = Int64(geometry.kernel)
      g.stride = Int64(geometry.stride)
      g.dilation = Int64(geometry.dilation)
      g.padding = Int64(geometry.padding)
      g.precision = CD_BFLOAT16
      g.images = 1
      var name = [CChar](repeating: 0, count: Int(CD_NAME_SIZE))
      guard let handle = cd_create(&g, pass, &name) else { return nil }
      self.handle = handle
      packedCount = lines(cd_packed_size(handle) / 4)
      scratchCount = lines((cd_scratch_size(handle) + 3) / 4)
    }

    deinit { cd_free(handle) }

    func pack(_ weights: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
      let status = cd_pack(handle, weights, packed)
      precondition(status == 0, "oneDNN could not pack weights (status \(status))")
    }

    func run(
      _ x: UnsafeMutableRawPointer, _ weights: UnsafeMutableRawPointer,
      _ y: UnsafeMutableRawPointer, _ scratch: UnsafeMutableRawPointer
    ) {
      let status = cd_run(handle, x, weights, y, scratch)
      precondition(status == 0, "oneDNN could not run a convolution (status \(status))")
    }
  }

  /// Floats filled up to a cache line.
  private func lines(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  /// Filters in a part of the weights' gradient, and from how many floats on it is cut into parts.
  private let partFilters = 64
  private let partThreshold = 40_000

  private final class OneDNNConvolution: ConvolutionOperation {
    private let kernels: Kernels
    private let narrow: BFloat16Kernels
    private let geometry: ConvolutionGeometry
    private let filtersInPart: Int
    private let forwardPass: OneDNNPass
    private let backwardPass: OneDNNPass
    private let weightsPass: OneDNNPass
    private let ones: Floats
    let gradientOrder: [Int]

    /// Nil for layers without a fast kernel.
    init?(_ kernels: Kernels, _ narrow: BFloat16Kernels, _ geometry: ConvolutionGeometry) {
      let (channels, filters) = (geometry.input.channels, geometry.output.channels)
      guard geometry.groups == 1, channels % 16 == 0, filters % 16 == 0 else { return nil }
      let count = geometry.taps * channels * filters
      filtersInPart = count > partThreshold && filters % partFilters == 0 ? partFilters : filters
      var part = geometry
      part.output.channels = filtersInPart
      guard let forwardPass = OneDNNPass(geometry, CD_FORWARD),
        let backwardPass = OneDNNPass(geometry, CD_BACKWARD_DATA),
        let weightsPass = OneDNNPass(part, CD_BACKWARD_WEIGHTS)
      else { return nil }
      self.kernels = kernels
      self.narrow = narrow
      self.geometry = geometry
      self.forwardPass = forwardPass
      self.backwardPass = backwardPass
      self.weightsPass = weightsPass
      ones = Floats(filters)
      ones.pointer.update(repeating: 1, count: filters)
      // Where the library puts each weight is found by packing their numbers.
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
      order.reserveCapacity(count)
      for row in 0..<(geometry.taps * channels) {
        for filter in 0..<filters {
          let (part, within) = (filter / filtersInPart, filter % filtersInPart)
          order.append(part * packed.count + places[row * filtersInPart + within])
        }
      }
      gradientOrder = order
    }

    var forwardCount: Int { forwardPass.packedCount }
    var backwardCount: Int { backwardPass.packedCount }
    var gradientCount: Int { weightsPass.packedCount * gradientParts }
    var gradientParts: Int { geometry.output.channels / filtersInPart }

    private var inputWords: Int { lines(geometry.input.count / 2) }
    private var outputWords: Int { lines(geometry.output.count / 2) }

    var scratchCount: Int {
      // A float32 result beside the rounded input, or gradients beside both rounded images.
      max(
        inputWords + lines(geometry.output.count) + forwardPass.scratchCount,
        outputWords + lines(geometry.input.count) + backwardPass.scratchCount,
        inputWords + outputWords + weightsPass.packedCount + weightsPass.scratchCount)
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

    private func round(_ x: Source, _ pixels: Int, into words: UnsafeMutablePointer<Float>) {
      var x = x
      x.readRounded(0, pixels, into: numbers(words), pitch: x.channels)
    }

    func forward(
      _ x: Source, _ y: Sink, prepared: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
      relu: Bool, scratch: UnsafeMutablePointer<Float>
    ) {
      var y = y
      let output = geometry.output
      round(x, geometry.input.pixels, into: scratch)
      let dense = scratch + inputWords
      forwardPass.run(
        scratch, UnsafeMutableRawPointer(mutating: prepared), dense, dense + lines(output.count))
      kernels.scaleShift(
        output.pixels, output.channels, dense, output.channels, scale: ones.pointer, shift: bias,
        relu: relu)
      y.put(dense, 0, output.pixels)
    }

    func backwardData(
      _ dy: Source, _ dx: Sink, prepared: UnsafePointer<Float>,
      scratch: UnsafeMutablePointer<Float>
    ) {
      var dx = dx
      round(dy, geometry.output.pixels, into: scratch)
      let dense = scratch + outputWords
      backwardPass.run(
        dense, UnsafeMutableRawPointer(mutating: prepared), scratch,
        dense + lines(geometry.input.count))
      dx.put(dense, 0, geometry.input.pixels)
    }

    /// The library overwrites gradients, so they are added from scratch memory.
    func backwardWeights(
      _ x: Source, _ dy: Source, _ dw: UnsafeMutablePointer<Float>, part: Int,
      scratch: UnsafeMutablePointer<Float>
    ) {
      let (input, output) = (geometry.input, geometry.output)
      let gradients = scratch + inputWords
      let result = gradients + outputWords
      let count = weightsPass.packedCount
      round(x, input.pixels, into: scratch)
      round(dy.channels(part * filtersInPart, filtersInPart), output.pixels, into: gradients)
      weightsPass.run(scratch, result, gradients, result + count)
      kernels.add(count, result, to: dw + part * count)
    }
  }

#endif
