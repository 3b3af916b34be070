// Parameters that are looked at as soon as they are read.

/// A section of parameters whose values may be of the right type and still make no sense.
/// `Stage.parameters` checks them, so that a mistake is found before hours of work, not after.
public protocol CheckedParameters: Codable {
  /// Refuses what can't be used.
  ///
  /// - Throws: an error that names the parameter, such as `SettingError`.
  func check() throws
}
