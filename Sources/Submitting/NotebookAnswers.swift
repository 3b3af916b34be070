// What Kaggle says of datasets and notebooks. Every key may be missing; words of a status come in any case.

import Foundation

/// A version of a notebook at Kaggle.
public struct NotebookVersion: Sendable, Equatable, Codable {
  /// Whose it is, as in addresses.
  public var owner: String
  /// Its name in addresses.
  public var slug: String
  /// Counted from 1.
  public var number: Int

  /// Names a version.
  public init(owner: String, slug: String, number: Int) {
    (self.owner, self.slug, self.number) = (owner, slug, number)
  }

  /// `owner/slug`.
  public var name: String { "\(owner)/\(slug)" }
}

/// A notebook that is to be run.
public struct Notebook: Sendable, Equatable {
  /// Whose it is, as in addresses.
  public var owner: String
  /// Its name in addresses, which follows from the title.
  public var slug: String
  /// 5 to 50 characters.
  public var title: String
  /// The notebook as JSON.
  public var text: String
  /// Its dataset, `owner/slug`.
  public var dataset: String
  /// Its competition's slug.
  public var competition: String

  /// A notebook with its sources.
  public init(
    owner: String, title: String, text: String, dataset: String, competition: String
  ) {
    (self.owner, self.title, self.text) = (owner, title, text)
    (self.dataset, self.competition) = (dataset, competition)
    slug = title.replacingOccurrences(of: " ", with: "-")
  }
}

/// How far a notebook is.
public enum NotebookProgress: Sendable, Equatable {
  case queued, running, complete
  /// It ended with an error, or was stopped; what Kaggle says of it.
  case failed(String)
}

struct TokenOwner: Decodable {
  var active: Bool?
  var username: String?
}

struct DatasetStatus: Decodable {
  var status: String?

  /// REST gives the word by itself.
  init(from decoder: any Decoder) throws {
    if let word = try? decoder.singleValueContainer().decode(String.self) {
      status = word
      return
    }
    status = try decoder.container(keyedBy: CodingKeys.self)
      .decodeIfPresent(String.self, forKey: .status)
  }

  private enum CodingKeys: String, CodingKey { case status }
}

/// The answer to an order for a dataset or a version of one.
struct CreatedDataset: Decodable {
  var status: String?
  var error: String?
  var url: String?
}

/// The answer to a notebook that was saved.
struct SavedNotebook: Decodable {
  var ref: String?
  var url: String?
  var versionNumber: Int?
  var error: String?
  var invalidDatasetSources: [String]?
  var invalidCompetitionSources: [String]?
}

struct NotebookStatus: Decodable {
  var status: String?
  var failureMessage: String?

  /// How far it is, by the word behind the last dot. One that isn't known counts as queued.
  var progress: NotebookProgress {
    let word = (status ?? "").lowercased().split(separator: ".").last.map(String.init) ?? ""
    let said = failureMessage.flatMap { $0.isEmpty ? nil : $0 }
    return switch word {
    case "complete": .complete
    case "running": .running
    case "error": .failed(said ?? "it doesn't say why")
    case "cancelrequested", "cancel_requested", "cancelacknowledged", "cancel_acknowledged":
      .failed(said ?? "it was stopped")
    default: .queued
    }
  }
}

struct NotebookOutput: Decodable {
  struct File: Decodable { var fileName: String? }
  var log: String?
  var files: [File]?

  /// The last lines that it printed: the log is JSON, an object a line of output, or text.
  func lastWords(_ count: Int = 6) -> String {
    struct Line: Decodable { var data: String? }
    let text = log ?? ""
    let lines = (try? JSONDecoder().decode([Line].self, from: Data(text.utf8)))?
      .compactMap(\.data).joined()
    return (lines ?? text).split(separator: "\n").suffix(count).joined(separator: "\n")
  }
}
