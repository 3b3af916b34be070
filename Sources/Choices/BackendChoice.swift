// What computes the heavy operations, by name.

/// Which implementation of the heavy operations to use.
public enum BackendChoice: String, Sendable, Codable, CaseIterable {
  /// The engine's choice: `onednn` for bfloat16 on processors with AMX, in builds that have the
  /// library, else `native`.
  case automatic
  /// The engine's own kernels; im2col with OpenBLAS where processors lack vectors for them.
  case native
  /// oneDNN's kernels, in builds that have the library.
  case oneDNN = "onednn"

  /// The choice of this name. `blas` is what `native` was called up to version 0.1.0, and stays
  /// readable in params.yaml, on the command line and in checkpoints.
  public init?(rawValue: String) {
    switch rawValue {
    case "automatic": self = .automatic
    case "native", "blas": self = .native
    case "onednn": self = .oneDNN
    default: return nil
    }
  }
}
