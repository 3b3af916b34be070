// The rules by which a plan follows from what is known of the images and from what things cost.

extension TrainingPlan {
  // MARK: Network

  /// An encoder that has seen a million photographs learns from far fewer images; but it halves them in its first
  /// layer, so what is thin or small, and each object by itself, is for a U-Net at full resolution.
  mutating func chooseNetwork(_ findings: Findings) {
    let median = findings.medianSize
    let isSmall = findings.size != nil && median.width * median.height <= Self.wholePixels
    if [1, 3].contains(findings.channels),
      findings.kind == .labels || (findings.kind == .mask && isSmall)
    {
      encoder = Self.usualEncoder
      reasons["model.kind"] =
        "an encoder that was trained on ImageNet needs fewer images and epochs; where marks are only a pixel or "
        + "two thin, try unet"
      reasons["model.weights"] =
        "fetched when the run begins; without a network: work weights fetch efficientnet-lite0 --from FILE"
    }
  }

  // MARK: Sizes

  /// By how much images are scaled: halved until predictions take less than a third of the wish.
  mutating func chooseScale(_ findings: Findings, _ wish: PlanWish) -> Int {
    var shrink = 1
    let median = findings.medianSize
    if findings.kind == .labels, findings.size != nil,
      median.width * median.height > Self.wholePixels,
      median.width * median.height <= 4 * Self.wholePixels
    {
      resize = PixelSize(width: median.width / 2, height: median.height / 2)
      reasons["model.resize"] =
        "a class of a scene is told by what is around it: at half the size the network sees all of it"
      return 2
    }
    func minutes(_ shrink: Int) -> Double {
      var plan = self
      plan.choosePatch(findings, shrink)
      plan.filters = Self.filterChoices[0]
      plan.chooseFolds(findings)
      return plan.predictionMinutes(findings, wish, shrink)
    }
    while shrink < 16, minutes(shrink) > wish.minutes / 3,
      min(findings.medianSize.width, findings.medianSize.height) / (2 * shrink) >= 64
    {
      shrink *= 2
    }
    if shrink > 1 {
      let size = findings.medianSize
      resize = PixelSize(width: size.width / shrink, height: size.height / shrink)
      reasons["model.resize"] =
        "at their own size, predictions alone would take \(Int(minutes(1).rounded())) minutes"
      notes.append(
        "model.resize: images are scaled to 1/\(shrink) of their sides to keep to the time; small things get lost"
      )
    }
    return shrink
  }

  mutating func choosePatch(_ findings: Findings, _ shrink: Int) {
    let median = findings.medianSize
    let (width, height) = (max(1, median.width / shrink), max(1, median.height / shrink))
    let isOneSize = findings.size != nil || shrink > 1
    if isOneSize, width * height <= Self.wholePixels {
      levels = hasEncoder ? Self.encoderLevels : Self.levels(min(width, height))
      patch = nil
      crops = 1
      let side = (max(width, height) + multiple - 1) / multiple * multiple
      // Squares are padded to a power of two if that is near: it halves often, and the kernels like it.
      let power = Self.power(max(width, height))
      padTo = width == height && power <= side + side / 6 ? power : nil
      reasons["model.pad_to"] =
        padTo == nil
        ? "the next size that halves \(levels - 1) times"
        : "the next power of two to \(width) pixels"
      reasons["model.patch"] =
        shrink > 1
        ? reasons["model.resize"] ?? "images are scaled"
        : "all images have one size, which is small enough as a whole"
    } else {
      let side = min(Self.patchSide, min(width, height))
      levels = hasEncoder ? Self.encoderLevels : Self.levels(side)
      let step = 1 << (levels - 1)
      patch = max(step, side / step * step)
      padTo = nil
      crops = min(8, max(1, Int((Double(width * height) / Double(square(patch ?? 1))).rounded())))
      reasons["model.patch"] =
        isOneSize
        ? "\(width) x \(height) pixels are too many for a whole image a step"
        : "images differ in size; the shorter side has \(min(width, height)) pixels in the median"
      reasons["model.pad_to"] = "patches have one size"
      reasons["train.crops"] = "so many patches have about the pixels of an image of median size"
      reasons["train.centred"] =
        "half of the crops show something to find, as in nnU-Net a third does"
    }
    guard !hasEncoder else {
      reasons["model.levels"] = "the encoder has its own"
      return
    }
    let bottom = (patch ?? padTo ?? min(width, height)) >> (levels - 1)
    reasons["model.levels"] = "halved as long as about 8 pixels remain: \(bottom) at the bottom"
  }

  /// Of what sides are padded to, so that they halve exactly.
  private var multiple: Int { 1 << (levels - 1) }

  /// Levels of an axis that is halved as long as at least 8 pixels remain.
  static func levels(_ side: Int) -> Int {
    var levels = 1
    while levels < 6, side >> levels >= 8 { levels += 1 }
    // A patch that isn't a multiple is cut; 101 pixels are padded to 128, where another halving fits.
    if levels < 5, power(side) >> levels >= 8, power(side) * 4 <= side * 6 { levels += 1 }
    return levels
  }

  private static func power(_ side: Int) -> Int {
    var power = 1
    while power < side { power *= 2 }
    return power
  }

  private func square(_ side: Int) -> Int { side * side }

  /// Pixels of an image, as scaled.
  private func pixels(_ pixels: Int, _ count: Int, _ shrink: Int) -> Double {
    Double(pixels) / Double(max(1, count)) / Double(shrink * shrink)
  }

  // MARK: Batch, folds

  mutating func chooseBatch(_ findings: Findings, _ wish: PlanWish, _ shrink: Int) {
    let stepPixels = Double(network(findings, shrink).pixels)
    let share = 0.05 * Double(findings.trainPixels) / Double(shrink * shrink) / stepPixels
    batch = 16
    reasons["train.batch"] = "as many as usual"
    while batch > 2, Double(batch) > share { batch /= 2 }
    if batch < 16 { reasons["train.batch"] = "at most a twentieth of all training pixels" }
    while batch > 2,
      wish.cost.bytes(network(findings, shrink, filters: 16), batch: batch) > wish.bytes / 2
    {
      batch /= 2
      reasons["train.batch"] = "more would need too much memory"
    }
  }

  mutating func chooseFolds(_ findings: Findings) {
    if let count = findings.foldCount {
      folds = count
      reasons["folds.count"] = "as many as the competition's table has"
      return
    }
    folds = findings.trainCount <= 60 ? 5 : 3
    reasons["folds.count"] =
      folds == 5
      ? "few images: each fold leaves only a fifth of them out" : "three models are averaged"
    // Of many groups, whole ones can be left out and enough remain.
    if findings.hasGroups, findings.groupsGoOn, findings.groupCounts.count < 4 * folds {
      blocks = 4
      reasons["folds.blocks"] =
        "\(findings.groupCounts.count) sequences are too few to leave whole ones out, and test images are of some "
        + "of them; of other sequences expect a lower score than that of the folds"
    }
    let most =
      findings.hasGroups ? findings.groupCounts.count * (blocks ?? 1) : findings.trainCount
    if most < folds {
      folds = max(2, most)
      reasons["folds.count"] = "there are no more \(findings.hasGroups ? "groups" : "images")"
    }
  }

  // MARK: Filters, epochs

  /// What goes with the batch and with what is scored.
  mutating func chooseTraining(_ findings: Findings) {
    let usualRate = hasEncoder ? 2e-3 : 4e-3
    learningRate = usualRate
    if hasEncoder {
      reasons["train.learning_rate"] = "half of the usual: the encoder is trained already"
    }
    if batch < 16 {
      learningRate = (usualRate * (Double(batch) / 16).squareRoot() * 1e4).rounded() / 1e4
      reasons["train.learning_rate"] = "by the square root of the batch, from \(usualRate) for 16"
    }
    if hasEncoder, findings.kind == .mask {
      phases = "[{from: 0.5, loss: {bce: 0.0, dice: 0.0, lovasz: 1.0, focal: 0.0}}]"
      reasons["train.phases"] =
        "Lovász's hinge stands for the IoU; it trains best from a good start"
      reasons["train.lovasz"] = "with elu every pixel has a gradient"
    }
    if findings.kind == .labels {
      loss = "{bce: 1.0, dice: 0.0, lovasz: 1.0, focal: 0.0}"
      reasons["train.loss"] =
        "Lovász's loss stands for the mean IoU of classes, of which rare ones count as much"
    }
  }

  /// The most filters that leave enough epochs, and the epochs that fit.
  mutating func chooseFilters(_ findings: Findings, _ wish: PlanWish, _ shrink: Int) {
    otherMinutes = Self.otherMinutes(findings, wish)
    var chosen: (filters: Int, epochs: Int)?
    for filters in hasEncoder ? [Self.filterChoices[0]] : Self.filterChoices {
      let epochs = fittingEpochs(filters, findings, wish, shrink)
      if chosen == nil || isEnough(epochs, findings) { chosen = (filters, epochs) }
    }
    filters = chosen?.filters ?? Self.filterChoices[0]
    // With more epochs than help, fewer folds or minutes would do.
    epochs = min(Self.epochRange.upperBound, max(1, chosen?.epochs ?? 1))
    reasons["model.filters"] =
      "as many as leave \(Self.goodViews) views of an image and \(goodSteps) steps"
    if hasEncoder {
      reasons["model.filters"] = "the encoder has its own"
    } else if !isEnough(epochs, findings) {
      reasons["model.filters"] = "as few as possible, since time is short"
    }
    while batch > Self.leastBatch,
      foldImages(epochs, findings) / Double(batch) < Double(goodSteps)
    {
      batch /= 2
      reasons["train.batch"] = "small, so that a fold has about \(goodSteps) steps"
    }
    let size = network(findings, shrink)
    let step = wish.cost.train(size)
    reasons["train.epochs"] =
      "so many fit into the \(Int(wish.minutes)) minutes, at \(Self.short(step)) ms a training image"
    if epochs == Self.epochRange.upperBound {
      reasons["train.epochs"] = "more hardly help"
    } else if epochs < Self.epochRange.lowerBound {
      notes.append(
        "train.epochs: \(epochs) are few; give more time (--minutes), or scale images down (model.resize)"
      )
    }
    trainMinutes = Double(epochs) * epochMinutes(findings, wish, shrink)
    predictMinutes = predictionMinutes(findings, wish, shrink)
    bytes = memory(findings, wish, shrink)
    if bytes > wish.bytes {
      notes.append(
        "memory: training takes about \(Self.short(bytes / 1e9)) GB, more than this machine has free"
      )
    }
  }

  /// Minutes of everything but training and predictions.
  static func otherMinutes(_ findings: Findings, _ wish: PlanWish) -> Double {
    min(3, 0.08 * wish.minutes) + Double(findings.trainCount + findings.testCount) / 20_000
  }

  /// Bytes while training: the network's, and those of images and masks.
  func memory(_ findings: Findings, _ wish: PlanWish, _ shrink: Int) -> Double {
    let pixels = Double(findings.trainPixels) / Double(shrink * shrink)
    return wish.cost.bytes(network(findings, shrink), batch: batch)
      + pixels * Double(findings.channels + 1)
  }

  /// Images or patches that a fold is trained on.
  func foldImages(_ epochs: Int, _ findings: Findings) -> Double {
    Double(epochs * crops * findings.trainCount * (folds - 1)) / Double(folds)
  }

  /// Whether so many epochs are enough to learn from.
  private func isEnough(_ epochs: Int, _ findings: Findings) -> Bool {
    epochs >= Self.epochRange.lowerBound && epochs * crops >= Self.goodViews
      && foldImages(epochs, findings) >= Double(Self.leastBatch * goodSteps)
  }

  private func fittingEpochs(
    _ filters: Int, _ findings: Findings, _ wish: PlanWish, _ shrink: Int
  ) -> Int {
    var plan = self
    plan.filters = filters
    let left = wish.minutes - otherMinutes - plan.predictionMinutes(findings, wish, shrink)
    return max(0, Int(left / plan.epochMinutes(findings, wish, shrink)))
  }

  /// An epoch of all folds, with its share of validations.
  func epochMinutes(_ findings: Findings, _ wish: PlanWish, _ shrink: Int) -> Double {
    let size = network(findings, shrink)
    let images = Double(findings.trainCount) * Double(folds - 1)
    let validation =
      Double(findings.trainCount) * wish.cost.infer(size) * windows(findings, shrink) * validations
    return (images * Double(crops) * wish.cost.train(size) + validation) / 60_000
  }

  /// Each training image by one model, each test image by all, with all views.
  func predictionMinutes(_ findings: Findings, _ wish: PlanWish, _ shrink: Int) -> Double {
    let size = network(findings, shrink)
    let images = Double(findings.trainCount + findings.testCount * folds) * Double(wish.views)
    return images * windows(findings, shrink) * wish.cost.infer(size) / 60_000
  }

  /// Windows of an image, with half of each shared with its neighbour; 1 for whole images.
  private func windows(_ findings: Findings, _ shrink: Int) -> Double {
    guard let patch else { return 1 }
    func along(_ side: Int) -> Double {
      Double(max(1, (2 * side / shrink + patch - 1) / patch - 1))
    }
    return along(findings.medianSize.width) * along(findings.medianSize.height)
  }

  func network(_ findings: Findings, _ shrink: Int, filters: Int? = nil) -> NetworkSize {
    func padded(_ side: Int) -> Int {
      padTo ?? (side / shrink + multiple - 1) / multiple * multiple
    }
    let pixels =
      patch.map(square) ?? padded(findings.medianSize.width) * padded(findings.medianSize.height)
    // Instances are learnt with their borders and distances beside the mask.
    let outputs = findings.kind == .instances ? 3 : max(1, findings.classes.count)
    return NetworkSize(
      pixels: max(1, pixels), filters: filters ?? self.filters, levels: levels,
      channels: findings.channels,
      outputs: outputs, encoder: encoder)
  }

  static func short(_ value: Double) -> String {
    value < 10 ? "\((value * 10).rounded() / 10)" : "\(Int(value.rounded()))"
  }
}
