// Image sets in memory: of images that are there already, or read one after another.

public import Imaging

extension ImageSet {
  /// The set of images that are already in memory.
  /// - Parameters:
  ///   - images: of as many channels each; values are kept with 16 bits.
  ///   - truth: one for each image and all of one kind, or nil.
  ///   - classes: masks an image, or exclusive classes.
  ///   - features: as many values for each image, or none.
  public init(
    ids: [String], images: [Plane], truth: [Truth]?, classes: Int = 1, features: [[Float]] = []
  ) {
    precondition(!images.isEmpty && images.count == ids.count, "one id an image")
    precondition(truth.map { $0.count == ids.count } ?? true, "one truth an image")
    let channels = images[0].channels
    precondition(images.allSatisfy { $0.channels == channels }, "images of as many channels")
    let encoded = images.enumerated().map { index, image in
      EncodedImage(
        .words(image.values.map { UInt16((min(max($0, 0), 1) * 65535).rounded()) }),
        size: ImageSize(width: image.width, height: image.height), channels: channels,
        truth: truth?[index], classes: classes)
    }
    self.init(
      ids: ids, channels: channels, features: features, truth: truth?.first.map(\.kind),
      classes: classes, encoded: encoded)
  }

  /// The same of images with a mask each, or without.
  public init(ids: [String], images: [Plane], masks: [Mask]? = nil, features: [[Float]] = []) {
    self.init(
      ids: ids, images: images, truth: masks?.map { .masks([$0]) }, features: features)
  }

  init(
    ids: [String], channels: Int, features: [[Float]], truth: TargetKind?, classes: Int,
    encoded: [EncodedImage]
  ) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(encoded.reduce(0) { $0 + $1.bytes.count })
    let entries = encoded.map { image in
      var entry = image.entry
      entry.offset = bytes.count
      bytes += image.bytes
      return entry
    }
    self.init(
      ids: ids, channels: channels, features: features, truth: truth, classes: classes,
      entries: entries, store: SampleStore(bytes))
  }
}

extension ImageSet {
  /// The images of two sets as one: those of this set first, under the same indices, then the others, whose ids get
  /// `prefix` before them. Both sets are of one competition: as many channels and features, truth of one kind.
  public func joined(with other: ImageSet, prefix: String) -> ImageSet {
    precondition(
      ownChannels == other.ownChannels && featureCount == other.featureCount
        && truthKind == other.truthKind && classes == other.classes
        && (neighbours == nil) == (other.neighbours == nil), "sets of one kind")
    let moved = other.entries.map { entry in
      var entry = entry
      entry.offset += store.count
      return entry
    }
    var set = ImageSet(
      ids: ids + other.ids.map { prefix + $0 }, channels: ownChannels,
      features: features + other.features, truth: truthKind, classes: classes,
      entries: entries + moved, store: SampleStore(store, other.store),
      leftOut: leftOut + other.leftOut)
    if let neighbours, let others = other.neighbours {
      set.neighbours = neighbours + others.map { $0.map { $0 + count } }
    }
    return set
  }
}

extension Truth {
  /// Its kind.
  public var kind: TargetKind {
    switch self {
    case .masks: .mask
    case .labels: .labels
    case .instances: .instances
    }
  }
}
