// A JSON file of annotations in COCO's form (cocodataset.org/#format-data): images, categories, and objects as
// polygons or run lengths.

import Basics
package import Foundation

/// What stands in a file in COCO's form, as it stands there.
package struct COCOFile: Sendable, Decodable {
  /// An image.
  package struct Image: Sendable, Decodable {
    /// Its number.
    package var id: Int
    /// The name of its file, perhaps with folders.
    package var fileName: String
    /// Columns, in pixels.
    package var width: Int
    /// Rows, in pixels.
    package var height: Int

    private enum CodingKeys: String, CodingKey {
      case id, width, height
      case fileName = "file_name"
    }

    /// The file's name without folders and ending.
    package var stem: String { fileName.lastPathName.withoutNameEnding }
  }

  /// What objects can be.
  package struct Category: Sendable, Decodable {
    /// Its number.
    package var id: Int
    /// What it is called.
    package var name: String
  }

  /// An object in an image.
  package struct Annotation: Sendable, Decodable {
    /// The number of its image.
    package var imageId: Int
    /// The number of its category.
    package var categoryId: Int?
    /// What it covers.
    package var segmentation: Segmentation
    /// 1 where it is a crowd: several objects that weren't told apart.
    package var isCrowd: Int?

    private enum CodingKeys: String, CodingKey {
      case imageId = "image_id"
      case categoryId = "category_id"
      case segmentation
      case isCrowd = "iscrowd"
    }
  }

  /// What an object covers.
  package enum Shape: Sendable, Equatable {
    /// Of each polygon x, y, x, y … in pixels from the image's top left corner.
    case polygons([[Double]])
    /// Counts of pixels, unmarked and marked by turns, down the columns; or their compressed text.
    case runs(String)
  }

  /// A shape as it is written: a list of polygons, or a section with counts.
  package struct Segmentation: Sendable, Decodable {
    /// What it covers.
    package var shape: Shape

    private enum CodingKeys: CodingKey {
      case counts
    }

    /// - Throws: `DecodingError` for what is neither.
    package init(from decoder: any Decoder) throws {
      if let polygons = try? decoder.singleValueContainer().decode([[Double]].self) {
        shape = .polygons(polygons)
        return
      }
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if let counts = try? container.decode([Int].self, forKey: .counts) {
        shape = .runs("[\(counts.map(String.init).joined(separator: ", "))]")
      } else {
        shape = .runs(try container.decode(String.self, forKey: .counts))
      }
    }
  }

  /// In the file's order.
  package var images: [Image]
  /// In the file's order.
  package var annotations: [Annotation]
  /// Nil where the file names none.
  package var categories: [Category]?

  /// Reads a file.
  ///
  /// - Parameter name: the file's, for errors.
  /// - Throws: `InputError` naming what is missing, or has another form, and where.
  package init(_ data: Data, name: String) throws {
    do { self = try JSONDecoder().decode(COCOFile.self, from: data) } catch {
      throw InputError(
        "\(name): is not a file of annotations in COCO's form (images, annotations, categories): \(Self.words(error))"
      )
    }
  }

  private static func words(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      "“\(key.stringValue)” is missing\(Self.place(context))"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "something else was expected\(Self.place(context))"
    case DecodingError.dataCorrupted(let context):
      context.codingPath.isEmpty ? "it is no JSON" : context.debugDescription + place(context)
    default: "\(error)"
    }
  }

  private static func place(_ context: DecodingError.Context) -> String {
    let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
    return path.isEmpty ? "" : " at \(path.joined(separator: "."))"
  }
}
