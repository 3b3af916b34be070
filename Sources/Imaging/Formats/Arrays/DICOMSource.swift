// Uncompressed DICOM images: what the elements mean for the pixels (PS3.3, C.7.6.3 and C.11.1).

import Bytes
import Foundation

/// Opens DICOM files.
enum DICOMSource {
  static func open(_ file: FileBytes) throws -> RawSource {
    let elements = try DICOMElements(file.all)
    guard let pixels = elements.pixels else {
      throw ReadingProblem("it has no pixels (element 7FE0,0010)")
    }
    func number(_ tag: DICOMTag, _ otherwise: Int? = nil) throws -> Int {
      guard let value = elements.number(tag) ?? otherwise else {
        throw ReadingProblem("it has no \(tag.title)")
      }
      return value
    }
    let samples = try number(.samplesPerPixel, 1)
    let allocated = try number(.bitsAllocated)
    let stored = try number(.bitsStored, allocated)
    let high = try number(.highBit, stored - 1)
    let colours = elements.text(.photometricInterpretation) ?? "MONOCHROME2"
    guard ["MONOCHROME1", "MONOCHROME2", "RGB"].contains(colours) else {
      throw ReadingProblem("its colours are \(colours.prefix(40)), which is not read")
    }
    guard samples == (colours == "RGB" ? 3 : 1) else {
      throw ReadingProblem("it has \(samples) samples a pixel, which don't fit \(colours)")
    }
    let types: [Int: SampleType] = [8: .uint8, 16: .uint16, 32: .uint32]
    guard let type = types[allocated], (1...allocated).contains(stored),
      (stored - 1..<allocated).contains(high)
    else {
      throw ReadingProblem("it has pixels of \(stored) bit in \(allocated), which is not read")
    }
    var grid = try RawGrid(
      type: type, isBig: false, pages: max(1, try number(.numberOfFrames, 1)),
      height: number(.rows), width: number(.columns), channels: samples)
    if samples > 1, try number(.planarConfiguration, 0) == 1 {
      grid.pixelStep = type.size
      grid.rowStep = grid.width * type.size
      grid.channelStep = grid.height * grid.rowStep
    }
    guard let count = grid.byteCount, pixels.count >= count else {
      throw RawSource.tooShort(pixels.count, grid.byteCount ?? .max)
    }
    let rule = try elements.rescale()
    let values = StoredValues(
      bits: stored, shift: high + 1 - stored, isSigned: try number(.pixelRepresentation, 0) == 1,
      // Values that have a unit, such as Hounsfield's, stay what they are.
      isInverted: colours == "MONOCHROME1" && rule == nil, rule: rule)
    let memory = RawMemory(
      UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(file.all)[pixels]), owner: file)
    return RawSource(.dicom, grid, values: values) { memory }
  }
}

extension DICOMElements {
  /// How stored numbers become values; nil where they are the values.
  fileprivate func rescale() throws -> (slope: Double, intercept: Double)? {
    func number(_ text: String?) throws -> Double? {
      guard let text else { return nil }
      guard let value = Double(text), value.isFinite else {
        throw ReadingProblem("its rescale slope or intercept is no number (\(text.prefix(20)))")
      }
      return value
    }
    var (slope, intercept) = (try number(text(.rescaleSlope)), try number(text(.rescaleIntercept)))
    if slope == nil, intercept == nil {
      guard frameSlopes.count <= 1, frameIntercepts.count <= 1 else {
        throw ReadingProblem(
          "its frames have rescale slopes or intercepts of their own, which is not read")
      }
      (slope, intercept) = (try number(frameSlopes.first), try number(frameIntercepts.first))
    }
    let rule = (slope: slope ?? 1, intercept: intercept ?? 0)
    return rule == (1, 0) ? nil : rule
  }
}
