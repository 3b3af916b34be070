// The owner of one pass of a convolution in oneDNN.

#if WORK_ONEDNN

  import COneDNNShim

  /// The library has no fast kernel for a pass.
  struct OneDNNRefusal: Error {
    /// The kernel that it would use, or why it has none.
    var implementation: String
  }

  /// Reads images, writes images or gradients of weights, for `images` images a call.
  final class OneDNNPass {
    enum Kind {
      case forward, backwardData, backwardWeights

      fileprivate var code: cd_pass {
        switch self {
        case .forward: CD_FORWARD
        case .backwardData: CD_BACKWARD_DATA
        case .backwardWeights: CD_BACKWARD_WEIGHTS
        }
      }
    }

    private let handle: OpaquePointer
    /// The library's name for the kernel that it chose.
    let implementation: String
    /// Floats of packed weights and of scratch memory.
    let packedCount: Int
    let scratchCount: Int

    /// - Parameters:
    ///   - geometry: from the larger image to the smaller.
    ///   - filtersFirst: whether plain weights come with filters before channels.
    /// - Throws: `OneDNNRefusal`.
    init(
      _ kind: Kind, _ geometry: ConvolutionGeometry, _ precision: Precision, images: Int,
      filtersFirst: Bool
    ) throws(OneDNNRefusal) {
      var g = cd_geometry()
      g.precision = precision == .bfloat16 ? CD_BFLOAT16 : CD_FLOAT32
      g.images = Int64(images)
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
      g.filters_first = filtersFirst ? 1 : 0
      var name = [CChar](repeating: 0, count: Int(CD_NAME_SIZE))
      let handle = cd_create(&g, kind.code, &name)
      let implementation = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      guard let handle else {
        throw OneDNNRefusal(implementation: implementation.isEmpty ? "none" : implementation)
      }
      self.handle = handle
      self.implementation = implementation
      packedCount = lines(cd_packed_size(handle) / 4)
      scratchCount = lines((cd_scratch_size(handle) + 3) / 4)
    }

    deinit { cd_free(handle) }

    /// Whether weights or gradients have the same order in both.
    func hasOrder(of other: OneDNNPass) -> Bool { cd_same_packing(handle, other.handle) != 0 }

    /// Brings plain weights into the kernel's order.
    func pack(_ weights: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
      let status = cd_pack(handle, weights, packed)
      precondition(status == 0, "oneDNN could not pack weights (status \(status))")
    }

    /// - Parameters:
    ///   - x: the larger image, `weights` and `y` the smaller; which of them is the result follows
    ///     from the kind of pass. Without gaps; results are float32.
    func run(
      _ x: UnsafeRawPointer, _ weights: UnsafeRawPointer, _ y: UnsafeRawPointer,
      _ scratch: UnsafeMutableRawPointer
    ) {
      let status = cd_run(
        handle, UnsafeMutableRawPointer(mutating: x), UnsafeMutableRawPointer(mutating: weights),
        UnsafeMutableRawPointer(mutating: y), scratch)
      precondition(status == 0, "oneDNN could not run a convolution (status \(status))")
    }
  }

  /// Floats filled up to a cache line.
  func lines(_ count: Int) -> Int { (count + 15) / 16 * 16 }

#endif
