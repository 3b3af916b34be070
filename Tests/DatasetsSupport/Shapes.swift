// Shorter names for what tests ask of sets whose images and maps are all of one size.

public import Datasets

extension ImageSet {
  /// Columns of every image; 0 where they differ.
  public var width: Int { commonSize?.width ?? 0 }
  /// Rows of every image; 0 where they differ.
  public var height: Int { commonSize?.height ?? 0 }
}

extension ProbabilityMaps {
  /// All bytes, map after map.
  public var values: [UInt8] { ids.indices.flatMap { bytes($0) } }
}
