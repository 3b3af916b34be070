// What can go wrong with an archive, told to the person who has to do something about it.

public import Basics

/// Why an archive could not be read, unpacked or written.
public struct ArchiveError: Failing, Sendable, Equatable {
  /// The kind of failure, for a caller that acts on it.
  public enum Kind: Sendable, Equatable {
    /// The file can't be opened or isn't a zip archive at all.
    case notAnArchive
    /// The archive is cut short or its content doesn't match its checksums.
    case damaged
    /// An entry would land outside the folder, or is no plain file or folder.
    case unsafe
    /// Two entries want the same place.
    case duplicate
    /// The content is bigger than the limit.
    case tooLarge
    /// The entry needs a password or a method that isn't supported.
    case unsupported
    /// The place to write to exists already.
    case exists
    /// The disk or the user's quota is full.
    case diskFull
    /// Another failure of the file system.
    case fileSystem
  }

  /// The kind of failure.
  public let kind: Kind
  /// The archive's path.
  public let archive: String
  /// The entry's name inside the archive, where one is to blame.
  public let entry: String?
  /// What happened, and what to do next.
  public let reason: String

  /// An archive that is damaged, unsafe or too large is bad input; a full disk isn't the archive's fault.
  public var exit: ExitCode { kind == .diskFull || kind == .fileSystem ? .failed : .badInput }

  /// The same, with what to do about an archive that isn't whole.
  func withRemedy(_ remedy: String) -> ArchiveError {
    guard [.damaged, .notAnArchive].contains(kind) else { return self }
    return ArchiveError(kind: kind, archive: archive, entry: entry, reason: "\(reason) \(remedy)")
  }

  /// The whole story on one line.
  public var description: String {
    if let entry { return "\(archive): entry “\(entry)”: \(reason)" }
    return "\(archive): \(reason)"
  }
}
