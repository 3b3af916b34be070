// What a set of images is like, as charts and tables: sizes, classes, instances.

public import Datasets
import Foundation
public import Notebook

extension ImageSet {
  /// The size of the images in words: "101 × 101 pixels", or from the smallest to the largest.
  public var sizeNote: String {
    if let size = commonSize { return "\(size.width) × \(size.height) pixels" }
    let sizes = ids.indices.map(size).sorted { ($0.pixels, $0.width) < ($1.pixels, $1.width) }
    guard let first = sizes.first, let last = sizes.last else { return "" }
    return "\(first.width) × \(first.height) … \(last.width) × \(last.height) pixels"
  }

  /// How wide and high the images are; nothing where all are alike.
  public func shapeCharts(and test: ImageSet) -> [Chart] {
    guard commonSize == nil || commonSize != test.commonSize else { return [] }
    func points(_ set: ImageSet, _ name: String) -> Chart.Layer {
      .points(
        x: set.ids.indices.map { Double(set.size($0).width) },
        y: set.ids.indices.map { Double(set.size($0).height) }, name: name)
    }
    return [
      Chart(
        title: "Sizes of the images", caption: "A dot an image; many may lie on one another.",
        x: Chart.Axis("width (pixels)"), y: Chart.Axis("height (pixels)"),
        layers: [points(self, "training"), points(test, "test")])
    ]
  }

  /// In how many images each class is, and how much of all pixels it has; nothing of one class.
  public func classCharts(_ names: [String]) -> [Chart] {
    guard classes > 1, names.count == classes else { return [] }
    let pixels = Double(max(1, ids.indices.reduce(0) { $0 + size($1).pixels }))
    let areas = ids.indices.map(areas)
    return [
      Chart.bars(
        names.enumerated().map { index, name in
          (name, 100 * areas.reduce(0) { $0 + Double($1[index]) } / pixels)
        }, title: "Share of all pixels by class", x: "class", y: "pixels (%)"),
      Chart.bars(
        names.enumerated().map { index, name in
          (name, Double(areas.count { $0[index] > 0 }))
        }, title: "Images with each class", x: "class", y: "images"),
    ]
  }

  /// How often classes are in one image together; nothing of one class.
  public func classTables(_ names: [String]) -> [Table] {
    guard classes > 1, names.count == classes else { return [] }
    let present = ids.indices.map { areas($0).map { $0 > 0 } }
    return [
      Table(
        title: "Classes in one image",
        caption: "Of the images with the row's class, how many have the column's, too.",
        columns: [""] + names,
        rows: names.enumerated().map { row, name in
          let own = present.filter { $0[row] }
          return [name]
            + names.indices.map { column in
              own.isEmpty
                ? "–"
                : String(
                  format: "%.0f %%", 100 * Double(own.count { $0[column] }) / Double(own.count))
            }
        })
    ]
  }

  /// How many instances an image has, and how large they are; nothing of a set without instances.
  public func instanceCharts() -> [Chart] {
    guard truthKind == .instances else { return [] }
    let sides = evenly(200, of: Array(ids.indices)).flatMap { index -> [Double] in
      guard case .instances(let map) = truth(index) else { return [] }
      return map.areas.filter { $0 > 0 }.map { Double($0).squareRoot() }
    }
    return [
      Chart.histogram(
        ids.indices.map { Double(instanceCount($0)) }, bins: 40, title: "Instances an image",
        x: "instances", y: "images"),
      Chart.histogram(
        sides, bins: 40, title: "Sizes of instances", caption: "Of at most 200 images.",
        x: "square root of the area (pixels)", y: "instances"),
    ]
  }
}
