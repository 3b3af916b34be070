// Where a batch norm's parameters and running statistics are.

struct BatchNormParameters {
  let gamma: UnsafeMutablePointer<Float>
  let beta: UnsafeMutablePointer<Float>
  let mean: UnsafeMutablePointer<Float>
  let variance: UnsafeMutablePointer<Float>
  /// Where the gradients of gamma and beta go.
  let gammaOffset: Int
  let betaOffset: Int

  /// Nil where the store has no batch norm of this name.
  init?(_ store: ParameterStore, _ name: String) {
    guard let gamma = store.offset(of: "\(name).weight"),
      let beta = store.offset(of: "\(name).bias"),
      let mean = store.offset(of: "\(name).running_mean"),
      let variance = store.offset(of: "\(name).running_var")
    else { return nil }
    self.gamma = store.values.pointer + gamma
    self.beta = store.values.pointer + beta
    self.mean = store.statistics.pointer + mean
    self.variance = store.statistics.pointer + variance
    gammaOffset = gamma
    betaOffset = beta
  }

  /// What inference multiplies a channel by: gamma / sigma by the running variance.
  @inline(__always)
  func scale(_ channel: Int, _ epsilon: Float) -> Float {
    gamma[channel] / (variance[channel] + epsilon).squareRoot()
  }
}
