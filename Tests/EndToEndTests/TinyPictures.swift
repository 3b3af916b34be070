// Small competitions for tests: pictures of discs on grey ground, and run lengths written and read by
// code that shares nothing with the one that is tested.

import Archive
import Foundation
import Imaging
import Testing

/// A picture of discs, some of each class; classes may overlap.
struct TinyPicture {
  let id: String
  let width: Int
  let height: Int
  /// Of each class: 0 or 1, rows from the top.
  let masks: [[UInt8]]
  let image: Raster

  /// - Parameter empty: whether nothing is marked.
  init(_ id: String, width: Int = 32, height: Int = 24, classes: Int = 1, empty: Bool = false) {
    var generator = SeededGenerator(seed: 5, id)
    var masks = [[UInt8]](repeating: [UInt8](repeating: 0, count: width * height), count: classes)
    var samples = (0..<(width * height)).map { _ in UInt16(40 + generator.int(below: 20)) }
    for index in 0..<(empty ? 0 : classes) {
      for _ in 0..<2 {
        let (x, y) = (generator.int(below: width), generator.int(below: height))
        let radius = 3 + generator.int(below: 4)
        for pixel in samples.indices {
          let (dx, dy) = (pixel % width - x, pixel / width - y)
          guard dx * dx + dy * dy <= radius * radius else { continue }
          masks[index][pixel] = 1
        }
      }
      for pixel in samples.indices where masks[index][pixel] == 1 {
        samples[pixel] += UInt16(150 / classes)
      }
    }
    (self.id, self.width, self.height, self.masks) = (id, width, height, masks)
    image = Raster(width: width, height: height, channels: 1, bitDepth: 8, samples: samples)
  }

  func mask(_ index: Int = 0) -> Mask { Mask(width: width, height: height, pixels: masks[index]) }
}

/// Run lengths by their definition.
struct PlainRuns {
  var downColumns = true
  var base = 1
  var relative = false
  var empty = ""

  private func place(_ number: Int, _ width: Int, _ height: Int) -> Int {
    downColumns ? number % height * width + number / height : number
  }

  func encode(_ mask: [UInt8], width: Int, height: Int) -> String {
    var numbers: [Int] = []
    var (end, number) = (0, 0)
    while number < mask.count {
      guard mask[place(number, width, height)] == 1 else {
        number += 1
        continue
      }
      let start = number
      while number < mask.count, mask[place(number, width, height)] == 1 { number += 1 }
      numbers += [start - (relative ? end : 0) + base, number - start]
      end = number
    }
    return numbers.isEmpty ? empty : numbers.map(String.init).joined(separator: " ")
  }

  func decode(_ text: String, width: Int, height: Int) throws -> [UInt8] {
    var mask = [UInt8](repeating: 0, count: width * height)
    guard text != empty else { return mask }
    let numbers = try text.split(separator: " ").map { try #require(Int($0), "\(text)") }
    try #require(!numbers.isEmpty && numbers.count.isMultiple(of: 2), "\(text)")
    var end = 0
    for run in stride(from: 0, to: numbers.count, by: 2) {
      let start = numbers[run] - base + (relative ? end : 0)
      end = start + numbers[run + 1]
      try #require(start >= 0 && end > start && end <= mask.count, "\(text)")
      for number in start..<end {
        let pixel = place(number, width, height)
        try #require(mask[pixel] == 0, "runs overlap: \(text)")
        mask[pixel] = 1
      }
    }
    return mask
  }
}

/// Writes a zip file.
func pack(_ files: [(path: String, data: Data)], to url: URL) throws {
  let archive = try ArchiveWriter(url)
  for (path, data) in files { try archive.add(path: path, data: data) }
  try archive.finish()
}

/// A table without quotes: rows of fields by the names of its columns.
struct PlainTable {
  let columns: [String]
  let rows: [[String: String]]

  init(_ file: URL) throws {
    var lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    try #require(lines.popLast() == "", "\(file.path): the last line has no end")
    let columns = lines.removeFirst().components(separatedBy: ",")
    self.columns = columns
    rows = try lines.map { line in
      let fields = line.components(separatedBy: ",")
      try #require(fields.count == columns.count, "\(file.path): \(line)")
      return Dictionary(uniqueKeysWithValues: zip(columns, fields))
    }
  }

  func column(_ name: String) throws -> [String] {
    try rows.map { try #require($0[name], "no column \(name)") }
  }
}
