// The eight symmetries of the square, applied to pictures, with composition and inverses.

/// One of the eight ways to turn or mirror a picture onto itself (the dihedral group D4).
///
/// Four of them exchange width and height. None touches a value, so undoing is exact.
public struct Dihedral: Sendable, Hashable, CaseIterable {
  // Transposed first, then mirrored: every element of the group is one such triple.
  private let transposes: Bool
  package let mirrorsColumns: Bool
  package let mirrorsRows: Bool

  private init(_ transposes: Bool, _ mirrorsColumns: Bool, _ mirrorsRows: Bool) {
    self.transposes = transposes
    self.mirrorsColumns = mirrorsColumns
    self.mirrorsRows = mirrorsRows
  }

  /// Nothing is moved.
  public static let identity = Dihedral(false, false, false)
  /// Left and right are exchanged.
  public static let horizontalFlip = Dihedral(false, true, false)
  /// Top and bottom are exchanged.
  public static let verticalFlip = Dihedral(false, false, true)
  /// Turned by half a turn.
  public static let rotate180 = Dihedral(false, true, true)
  /// Rows become columns.
  public static let transpose = Dihedral(true, false, false)
  /// A quarter turn clockwise.
  public static let rotate90 = Dihedral(true, true, false)
  /// A quarter turn counterclockwise.
  public static let rotate270 = Dihedral(true, false, true)
  /// Rows become columns, mirrored at the other diagonal.
  public static let antitranspose = Dihedral(true, true, true)

  /// All eight, the four that keep width and height first.
  public static let allCases: [Dihedral] = [
    identity, horizontalFlip, verticalFlip, rotate180, transpose, rotate90, rotate270,
    antitranspose,
  ]

  /// Whether a picture's width becomes its height.
  public var exchangesSides: Bool { transposes }

  /// The element that undoes this one.
  public var inverse: Dihedral {
    transposes ? Dihedral(true, mirrorsRows, mirrorsColumns) : self
  }

  /// This element and then another one, as one.
  public func then(_ next: Dihedral) -> Dihedral {
    let (columns, rows) =
      next.transposes ? (mirrorsRows, mirrorsColumns) : (mirrorsColumns, mirrorsRows)
    return Dihedral(
      transposes != next.transposes, columns != next.mirrorsColumns, rows != next.mirrorsRows)
  }

  /// The plane, moved.
  public func apply(_ plane: Plane) -> Plane { move(plane) }

  /// The mask, moved.
  public func apply(_ mask: Mask) -> Mask { move(mask) }

  /// The raster, moved.
  public func apply(_ raster: Raster) -> Raster { move(raster) }

  private func move<Picture: Grid>(_ picture: Picture) -> Picture {
    let turned = transposes ? picture.transposed() : picture
    guard mirrorsColumns || mirrorsRows else { return turned }
    return turned.picking(
      columns: mirrorsColumns ? (0..<turned.width).reversed() : Array(0..<turned.width),
      rows: mirrorsRows ? (0..<turned.height).reversed() : Array(0..<turned.height))
  }
}
