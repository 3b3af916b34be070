// Number formats by name.

/// Which precision to compute in.
public enum PrecisionChoice: String, Sendable, Codable, CaseIterable {
  /// bfloat16 on processors that multiply it, else float32.
  case automatic
  /// IEEE 754 single precision.
  case float32
  /// 16-bit numbers with float32's range, summed in float32.
  case bfloat16
}
