// A scan as what images and masks are computed with: fewer channels, a plane, a raster, a mask.

/// Which pixels of a mask's file are marked.
public enum Marking: Sendable, Equatable {
  /// All that are not 0 in every channel but alpha.
  case nonzero
  /// Those of which a channel but alpha is above this share of full scale (strictly).
  case above(Double)
  /// Those whose channels, but for alpha, all have this value, as it stands in the file.
  case value(Double)
  /// Those whose alpha is above half of full scale.
  case alpha
}

extension Scan {
  /// Channels without alpha.
  public var colours: Int { hasAlpha ? channels - 1 : channels }

  /// The same picture with other channels.
  ///
  /// - Parameters:
  ///   - count: 1 (RGB becomes grey by the luma of ITU-R BT.601, in 16-bit fixed point and rounded to
  ///     the samples' own kind, as Pillow's mode "L" does), 3 (grey becomes R = G = B), or as many as
  ///     there are; nil for these.
  ///   - keepsAlpha: whether alpha is one of them.
  /// - Throws: `ScanError` where these channels can't be made of those that there are.
  public func with(channels count: Int? = nil, keepsAlpha: Bool = false) throws -> Scan {
    let kept = hasAlpha && keepsAlpha
    let wanted = (count ?? (colours + (kept ? 1 : 0))) - (kept ? 1 : 0)
    guard wanted != colours || kept != hasAlpha else { return self }
    guard wanted == colours || wanted == 1 && colours == 3 || wanted == 3 && colours == 1 else {
      let has = "the picture has \(channels) channels" + (hasAlpha ? ", one of them alpha" : "")
      let choices = colours == 3 ? "1 or 3" : colours == 1 ? "1 or 3" : "\(colours)"
      throw ScanError(
        description: "\(has): it can be read with \(choices)"
          + (kept ? " and alpha" : "") + ", not with \(count ?? wanted)")
    }
    let samples: Samples =
      switch samples {
      case .bytes(let bytes): .bytes(pick(bytes, wanted, kept, Luma.of))
      case .words(let words): .words(pick(words, wanted, kept, Luma.of))
      case .floats(let floats): .floats(pick(floats, wanted, kept, Luma.of))
      }
    return Scan(
      width: width, height: height, channels: wanted + (kept ? 1 : 0), samples: samples,
      fullScale: fullScale, hasAlpha: kept, isPalette: isPalette)
  }

  private func pick<Sample>(
    _ samples: [Sample], _ wanted: Int, _ keepsAlpha: Bool,
    _ luma: (Sample, Sample, Sample) -> Sample
  ) -> [Sample] {
    let step = channels
    let colours = colours
    let count = width * height * (wanted + (keepsAlpha ? 1 : 0))
    return [Sample](unsafeUninitializedCapacity: count) { out, filled in
      samples.withUnsafeBufferPointer { samples in
        var to = 0
        for from in stride(from: 0, to: samples.count, by: step) {
          if wanted == 1 && colours == 3 {
            (out.baseAddress! + to).initialize(
              to: luma(samples[from], samples[from + 1], samples[from + 2]))
            to += 1
          } else {
            for channel in 0..<wanted {
              (out.baseAddress! + to).initialize(
                to: samples[from + (colours == 1 ? 0 : channel)])
              to += 1
            }
          }
          if keepsAlpha {
            (out.baseAddress! + to).initialize(to: samples[from + step - 1])
            to += 1
          }
        }
      }
      filled = count
    }
  }
}

extension Plane {
  /// A scan's samples over full scale (floats as they are).
  ///
  /// - Parameters:
  ///   - channels: 1, 3, or as many as there are, which is nil; see `Scan.with(channels:keepsAlpha:)`.
  ///   - keepsAlpha: whether alpha is one of them.
  /// - Throws: `ScanError` where these channels can't be made of those that there are.
  public init(_ scan: Scan, channels: Int? = nil, keepsAlpha: Bool = false) throws {
    let scan = try scan.with(channels: channels, keepsAlpha: keepsAlpha)
    let scale = scan.fullScale
    let values: [Float] =
      switch scan.samples {
      case .bytes(let bytes): bytes.map { Float($0) / scale }
      case .words(let words): words.map { Float($0) / scale }
      case .floats(let floats): floats
      }
    self.init(width: scan.width, height: scan.height, channels: scan.channels, values: values)
  }
}

extension Raster {
  /// A scan of whole samples as grey or RGB, with or without alpha.
  ///
  /// - Throws: `ScanError` for floats and for other channels.
  public init(_ scan: Scan) throws {
    guard [1, 3].contains(scan.colours) else {
      throw ScanError(
        description: "a picture of \(scan.channels) channels is neither grey nor RGB")
    }
    let samples: [UInt16]
    switch scan.samples {
    case .bytes(let bytes): samples = bytes.map(UInt16.init)
    case .words(let words): samples = words
    case .floats:
      throw ScanError(description: "a picture of floating-point samples has no whole samples")
    }
    // Samples of 9 to 15 bit are taken for those of 16.
    let depth = [1, 2, 4, 8].first { Float((1 << $0) - 1) >= scan.fullScale } ?? 16
    self.init(
      width: scan.width, height: scan.height, channels: scan.channels, bitDepth: depth,
      samples: samples)
  }
}

extension Mask {
  /// The mask that a scan shows.
  ///
  /// What is not a number is not marked.
  /// - Throws: `ScanError` where alpha is asked for and there is none.
  public init(_ scan: Scan, marked: Marking = .nonzero) throws {
    guard marked != .alpha || scan.hasAlpha else {
      throw ScanError(description: "the picture has no alpha that could be a mask")
    }
    let pixels: [UInt8] =
      switch scan.samples {
      case .bytes(let bytes): Self.marked(bytes, scan, marked)
      case .words(let words): Self.marked(words, scan, marked)
      case .floats(let floats): Self.marked(floats, scan, marked)
      }
    self.init(width: scan.width, height: scan.height, pixels: pixels)
  }

  private static func marked<Sample: NumberSample>(
    _ samples: [Sample], _ scan: Scan, _ marking: Marking
  ) -> [UInt8] {
    let step = scan.channels
    let colours = scan.colours
    let full = Double(scan.fullScale)
    return [UInt8](unsafeUninitializedCapacity: scan.width * scan.height) { out, count in
      samples.withUnsafeBufferPointer { samples in
        for pixel in 0..<out.count {
          let range = (pixel * step)..<(pixel * step + colours)
          let isMarked =
            switch marking {
            case .nonzero: range.contains { samples[$0].number != 0 && !samples[$0].number.isNaN }
            case .above(let share): range.contains { samples[$0].number > share * full }
            case .value(let value): range.allSatisfy { samples[$0].number == value }
            case .alpha: samples[range.upperBound].number > full / 2
            }
          out.initializeElement(at: pixel, to: isMarked ? 1 : 0)
        }
      }
      count = out.count
    }
  }
}

/// A sample whose value is a number of any size.
private protocol NumberSample {
  var number: Double { get }
}

extension UInt8: NumberSample {
  fileprivate var number: Double { Double(self) }
}

extension UInt16: NumberSample {
  fileprivate var number: Double { Double(self) }
}

extension Float: NumberSample {
  fileprivate var number: Double { Double(self) }
}

extension Scan {
  /// The colour of each pixel as 0xRRGGBB, grey as three equal parts, without alpha; nil where samples aren't of
  /// 8 bit, or a pixel has other channels than one or three beside alpha.
  package var packedColours: [UInt32]? {
    guard case .bytes(let bytes) = samples, fullScale == 255 || fullScale == 1,
      colours == 1 || colours == 3
    else { return nil }
    let scale: UInt32 = fullScale == 1 ? 255 : 1
    let (step, isGrey) = (channels, colours == 1)
    return bytes.withUnsafeBufferPointer { bytes in
      (0..<(width * height)).map { pixel in
        let red = UInt32(bytes[pixel * step]) * scale
        guard !isGrey else { return red << 16 | red << 8 | red }
        let (green, blue) = (bytes[pixel * step + 1], bytes[pixel * step + 2])
        return red << 16 | UInt32(green) << 8 | UInt32(blue)
      }
    }
  }
}
