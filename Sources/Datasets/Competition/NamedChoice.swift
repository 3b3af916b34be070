// Settings that are one of a few names: an unknown name is answered with the names that there are.

public import Basics

/// A setting with named choices.
public protocol NamedChoice: RawRepresentable<String>, CaseIterable, Codable, Sendable {}

extension NamedChoice {
  /// All names, in order, for messages.
  public static var choices: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// The choice of this name.
  /// - Throws: `SettingError` that lists the choices.
  public init(named name: String, setting: String) throws {
    guard let choice = Self(rawValue: name) else {
      throw SettingError(
        setting: setting, problem: "\"\(name)\" is not one of the choices: \(Self.choices)")
    }
    self = choice
  }

  /// Decodes the name.
  /// - Throws: `DecodingError.dataCorrupted` that lists the choices.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let choice = Self(rawValue: name) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(name)\" is not one of the choices: \(Self.choices)")
    }
    self = choice
  }
}

/// A setting with a value that cannot be used.
public struct SettingError: Failing, Sendable, Equatable {
  /// The setting, as params.yaml names it.
  public let setting: String
  /// What is wrong, and what would be right.
  public let problem: String
  /// Running again won't help.
  public var exit: ExitCode { .badInput }
  /// `setting: problem`.
  public var description: String { "\(setting): \(problem)" }

  /// A setting and what is wrong with it.
  public init(setting: String, problem: String) {
    self.setting = setting
    self.problem = problem
  }
}

extension SettingError {
  /// Throws unless `condition` holds.
  package static func check(
    _ condition: Bool, _ setting: String, _ problem: @autoclosure () -> String
  ) throws {
    guard condition else { throw SettingError(setting: setting, problem: problem()) }
  }
}
