// The backend by oneDNN, where the build has the library: in bfloat16 for processors with AMX, whose
// tiles it knows; in float32 a second opinion on the engine's own kernels. Layers that it has no fast
// kernel for are left to these.

#if WORK_ONEDNN

  import COneDNNShim
  import Choices

  final class OneDNNBackend: Backend {
    private let own: NativeBackend
    private let precision: Precision
    let name = BackendChoice.oneDNN.rawValue
    /// Layers left to the engine's own kernels, for the library has no fast one.
    private var refusals: [OneDNNRefusal] = []

    /// - Parameter own: the backend for what is left to it, of the same precision.
    init(_ own: NativeBackend, _ precision: Precision) {
      self.own = own
      self.precision = precision
    }

    /// The library's version.
    static var version: String { String(cString: cd_version()) }
    /// The instruction set that the library chose for this processor.
    static var instructionSet: String { String(cString: cd_instruction_set()) }

    /// With the layers that were left to the engine's own kernels so far.
    var library: String {
      let library = "oneDNN \(Self.version) \(Self.instructionSet)"
      guard !refusals.isEmpty else { return library }
      let kernels = Set(refusals.map(\.implementation)).sorted().joined(separator: ", ")
      return "\(library), own kernels for \(refusals.count) layers (not \(kernels))"
    }

    func convolution(_ geometry: ConvolutionGeometry) -> any ConvolutionOperation {
      operation(geometry, transposed: false) ?? own.convolution(geometry)
    }

    func transposedConvolution(_ geometry: ConvolutionGeometry) -> any ConvolutionOperation {
      operation(geometry, transposed: true) ?? own.transposedConvolution(geometry)
    }

    /// Nothing but reading weights once an image; the library has no advantage.
    func dense(inputs: Int, units: Int) -> any ConvolutionOperation {
      own.dense(inputs: inputs, units: units)
    }

    /// Nil where the library isn't asked or has no fast kernel.
    private func operation(
      _ geometry: ConvolutionGeometry, transposed: Bool
    ) -> (any ConvolutionOperation)? {
      guard geometry.groups == 1 else { return nil }
      do {
        return try OneDNNOperation(geometry, precision, transposed: transposed, own.kernels)
      } catch {
        refusals.append(error)
        return nil
      }
    }
  }

#endif
