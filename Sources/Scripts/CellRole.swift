// What a cell of a notebook is in the script that it comes from.

/// Kept in an exported notebook as `metadata.work.role`, so that an import makes the same script of it again.
package enum CellRole: String, Sendable {
  /// Stands outside of `Stage.run`: imports and helpers.
  case setup
  /// Goes on without a call of `cell`.
  case continued
}
