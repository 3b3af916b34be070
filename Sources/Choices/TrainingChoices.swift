// How a network is trained, by name.

/// Learning-rate schedules.
public enum ScheduleChoice: String, Sendable, CaseIterable {
  /// Up and down by cosines (Smith and Topin, 2018).
  case oneCycle = "one-cycle"
  /// Down by half a cosine.
  case cosine
  /// Down by half a cosine, again and again (Loshchilov and Hutter, 2017).
  case cosineRestarts = "cosine-restarts"
  /// The same until training gets no further, then lower.
  case plateau
  /// Always the same.
  case constant
}

/// Update rules.
public enum OptimizerChoice: String, Sendable, CaseIterable {
  /// Loshchilov and Hutter, 2019.
  case adamW = "adamw"
  /// Kingma and Ba, 2015.
  case adam
  /// With momentum 0.9.
  case sgd
}

/// Which weights make the model.
public enum Keep: String, Sendable, CaseIterable {
  /// The last epoch's.
  case last
  /// The moving average's at the last epoch.
  case ema
  /// The plain mean of the last epochs', with batch-norm statistics measured for it (stochastic
  /// weight averaging).
  case swa
  /// Those at the ends of the last cycles of the learning rate, which predict together (Huang and others, 2017).
  case snapshots
  /// Those of the epoch with the best validation score, which that score then flatters.
  case best
}

/// Batch-norm statistics of averaged weights.
public enum AverageStatistics: String, Sendable, CaseIterable {
  /// The running ones of training, which belong to the last steps' weights.
  case running
  /// Measured over the training images, without augmentation.
  case measured
}
