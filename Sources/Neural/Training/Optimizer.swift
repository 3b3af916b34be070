// How gradients change the weights: the method and its settings.

/// An optimizer's settings. Weight decay applies to weights, never to biases and batch norm.
public struct Optimizer: Sendable, Equatable, Codable {
  /// The update rule.
  public enum Method: Sendable, Equatable, Codable {
    /// Kingma and Ba, 2015; weight decay is added to the gradient (L2).
    case adam(
      beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0)
    /// Loshchilov and Hutter, 2019: Adam with weight decay apart from the gradient.
    case adamW(
      beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0.01)
    /// Stochastic gradient descent with momentum; weight decay is added to the gradient (L2).
    case sgd(momentum: Float = 0.9, nesterov: Bool = false, weightDecay: Float = 0)
  }

  /// The update rule.
  public var method: Method
  /// Gradients whose global norm is larger are scaled down to it; nil leaves them.
  public var gradientClip: Float?
  /// Decay of the exponential moving average of the weights, for example 0.999; nil keeps none.
  public var averageDecay: Float?
  /// Whether there is room for stochastic weight averaging (Izmailov et al., 2018): the plain mean of
  /// the weights at the times of the caller's choice, see `Trainer.addToSWA`.
  public var keepsSWA: Bool

  /// An update rule, with optional clipping and averaging.
  public init(
    _ method: Method, gradientClip: Float? = nil, averageDecay: Float? = nil, keepsSWA: Bool = false
  ) {
    self.method = method
    self.gradientClip = gradientClip
    self.averageDecay = averageDecay
    self.keepsSWA = keepsSWA
  }
}
