// Masks from a JSON file in COCO's form (cocodataset.org/#format-data): objects as polygons or run lengths.

import Basics
import Foundation
import Imaging

/// The annotations of a set of images: which objects of which category are in each.
///
/// An image's id is its file's name without folders and ending. An object is one or more polygons, in pixels from
/// the image's top left corner, or COCO's run lengths; a crowd counts as one object. A class is called as its
/// category or, where submissions name classes so, by the category's number.
struct COCOAnnotations: Sendable {
  /// An object in an image.
  struct Object: Sendable, Equatable {
    /// Its place among all annotations, for errors.
    var number: Int
    var category: Int
    var shape: COCOFile.Shape
  }

  /// An image's size as the file has it, and its objects.
  struct Image: Sendable {
    var size: ImageSize
    var objects: [Object] = []
  }

  /// The file, for errors.
  let name: String
  private(set) var images: [String: Image] = [:]

  /// - Parameter classes: the categories that count, in order; nil: all, as one class.
  /// - Throws: `InputError` naming what is wrong: no such form, an id that appears twice, an annotation of no
  ///   image or of a category that isn't there.
  init(_ data: Data, name: String, classes: [String]?) throws {
    self.name = name
    let file = try COCOFile(data, name: name)
    var ids: [Int: String] = [:]
    for image in file.images {
      let id = image.stem
      guard ids.updateValue(id, forKey: image.id) == nil,
        images.updateValue(
          Image(size: ImageSize(width: image.width, height: image.height)), forKey: id) == nil
      else {
        throw InputError("\(name): the image \(image.fileName) (id \(image.id)) appears twice")
      }
    }
    let categories = Dictionary(
      (file.categories ?? []).map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    for (number, annotation) in file.annotations.enumerated() {
      func fail(_ problem: String) -> InputError {
        InputError("\(name): annotation \(number) (from 0): \(problem)")
      }
      guard let id = ids[annotation.imageId] else {
        throw fail("its image_id \(annotation.imageId) is not among the images")
      }
      var category = 0
      if let classes {
        guard let label = categories[annotation.categoryId ?? 0] else {
          throw fail("its category_id \(annotation.categoryId ?? 0) is not among the categories")
        }
        guard
          let found = classes.firstIndex(of: label)
            ?? classes.firstIndex(of: "\(annotation.categoryId ?? 0)")
        else {
          throw fail(
            "its category “\(label)” is not among competition.classes.names: \(classes.joined(separator: ", "))"
          )
        }
        category = found
      }
      images[id]?.objects.append(
        Object(number: number, category: category, shape: annotation.segmentation.shape))
    }
  }

  /// The masks of an image's objects, in the file's order.
  /// - Throws: `ImageSetError` where the image isn't in the file, has another size there, or an object has no
  ///   mask.
  func masks(of id: String, _ size: ImageSize, allowsMissing: Bool) throws -> [(
    category: Int, mask: Mask
  )] {
    guard let image = images[id] else {
      guard allowsMissing else {
        throw ImageSetError(id: id, problem: "is not among the images of \(name)")
      }
      return []
    }
    guard image.size == size else {
      throw ImageSetError(
        id: id, problem: "has \(size) pixels, but \(name) says \(image.size)")
    }
    return try image.objects.map { object in
      do {
        switch object.shape {
        case .polygons(let rings):
          return (
            object.category,
            try Mask(polygon: rings, width: size.width, height: size.height, rule: .union)
          )
        case .runs(let text):
          return (
            object.category,
            try RunLength(form: .coco).decode(text, width: size.width, height: size.height)
          )
        }
      } catch {
        throw ImageSetError(
          id: id, problem: "\(name): annotation \(object.number) (from 0): \(error)")
      }
    }
  }

  /// The truth by these annotations: instances, or the union of a class's.
  func source(instances: Bool, classes: Int, allowsMissing: Bool) -> TruthSource {
    TruthSource(kind: instances ? .instances : .mask, classes: classes) { id, size in
      let found = try masks(of: id, size, allowsMissing: allowsMissing)
      guard !instances else {
        return .instances(
          LabelMap(
            masks: found.map(\.mask).filter { !$0.isEmpty }, width: size.width, height: size.height)
        )
      }
      var masks = [Mask](
        repeating: Mask(width: size.width, height: size.height), count: classes)
      for (category, mask) in found { masks[category] = masks[category].union(mask) }
      return .masks(masks)
    }
  }
}
