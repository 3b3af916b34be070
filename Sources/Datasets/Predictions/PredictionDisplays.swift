// Predictions on a page.

import Foundation
import Imaging
public import Notebook

extension ProbabilityMaps {
  /// The share of each map that is marked: above a probability of 0.5; of exclusive classes all.
  public func coverage(_ kind: TargetKind) throws -> [Double] {
    (0..<count).map { index in
      guard kind != .labels else { return 1 }
      let marked = bytes(index)
      let pixels = sizes[index].pixels
      guard channels > 1 else { return Double(marked.count { $0 > 127 }) / Double(pixels) }
      // Of instances the first channel, of classes any.
      let looked = kind == .instances ? 1 : channels
      let count = (0..<pixels).count { pixel in
        (0..<looked).contains { marked[pixel * channels + $0] > 127 }
      }
      return Double(count) / Double(pixels)
    }
  }

  /// What a page shows of a map: the probability; of several classes the largest, of exclusive ones that of
  /// the likeliest.
  public func shown(_ index: Int, _ kind: TargetKind) -> Plane {
    let all = bytes(index)
    let (size, step) = (sizes[index], sizes[index].previewStep)
    let looked = kind == .mask ? Array(0..<channels) : [kind == .labels ? 1 : 0]
    let (width, height) = (size.width / step, size.height / step)
    var values: [Float] = []
    values.reserveCapacity(width * height)
    for y in 0..<height {
      for x in 0..<width {
        let at = (y * step * size.width + x * step) * channels
        values.append(Float(looked.map { all[at + $0] }.max() ?? 0) / 255)
      }
    }
    return Plane(width: width, height: height, values: values)
  }

  /// The share of all pixels that each exclusive class is predicted for, as bars.
  public func classCoverage(_ names: [String], of what: String) throws -> Chart {
    var counts = [Int](repeating: 0, count: 256)
    for index in ids.indices {
      for label in bytes(index, channel: 0) { counts[Int(label)] += 1 }
    }
    let pixels = max(1, sizes.reduce(0) { $0 + $1.pixels })
    return Chart.bars(
      names.enumerated().map { ($1, 100 * Double(counts[$0]) / Double(pixels)) },
      title: "Share of each class in the \(what)", x: "class", y: "pixels (%)")
  }
}

extension ImageSet {
  /// Rows "image | probability" of some images, of classes and instances with the prediction drawn in.
  ///
  /// - Throws: `PNGError` where a picture can't be encoded.
  public func predictions(
    _ indices: [Int], _ maps: ProbabilityMaps, _ kind: TargetKind, title: String
  ) throws -> PictureGrid {
    let isMask = kind == .mask && maps.channels == 1
    return PictureGrid(
      title: title, columns: ["image", "probability"] + (isMask ? [] : ["prediction"]),
      rows: try indices.map { index in
        let row = [try picture(index), try Picture(heat: maps.shown(index, kind))]
        guard !isMask else { return row }
        let prediction = Prediction(
          kept: maps.bytes(index), maps.sizes[index], channels: maps.channels, kind: kind)
        return row + [try self.picture(of: prediction, on: index)]
      })
  }
}

extension Competition {
  /// The colours of the classes; nil where there is one class.
  ///
  /// - Throws: `PNGError` where a picture can't be encoded.
  public func legend() throws -> PictureGrid? {
    guard classNames.count > 1 else { return nil }
    return PictureGrid(
      title: "Colours of the classes",
      gallery: try classNames.enumerated().map { index, name in
        let color = Color.ofClass(index)
        let samples = [color.red, color.green, color.blue].map(UInt16.init)
        return try Picture(
          Raster(
            width: 32, height: 16, channels: 3, bitDepth: 8,
            samples: (0..<(32 * 16)).flatMap { _ in samples }), label: name)
      })
  }
}
