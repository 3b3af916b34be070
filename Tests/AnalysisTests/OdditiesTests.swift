// What stands out, on the smallest images that do.

import Analysis
import Datasets
import Imaging
import Notebook
import Testing

@Suite struct OdditiesTests {
  func image(_ width: Int, _ height: Int, channels: Int = 1, _ samples: [Float]) -> Plane {
    Plane(
      width: width, height: height, channels: channels, values: samples.map { $0 / 255 })
  }

  func mask(_ rows: [UInt8]...) -> Mask {
    Mask(width: rows[0].count, height: rows.count, pixels: rows.flatMap { $0 })
  }

  @Test func blankIsOneColourAllOver() {
    func isBlank(_ image: Plane) -> Bool {
      !Oddities.blank(in: ImageSet(ids: ["a"], images: [image])).images.isEmpty
    }
    #expect(isBlank(image(2, 2, [7, 7, 7, 7])))
    #expect(!isBlank(image(2, 2, [7, 7, 7, 8])))
    #expect(isBlank(image(2, 1, channels: 3, [1, 2, 3, 1, 2, 3])))
    #expect(!isBlank(image(2, 1, channels: 3, [1, 2, 3, 1, 2, 4])))
    #expect(isBlank(image(1, 1, [0])))
  }

  @Test func tinyHasFewPixelsButSome() {
    #expect(Oddities.isTiny(area: 2, pixels: 3))
    #expect(!Oddities.isTiny(area: 2, pixels: 2))
    #expect(!Oddities.isTiny(area: 0, pixels: 3))
  }

  @Test func stripesAreWholeColumns() {
    #expect(Oddities.isVerticalStripe(mask([1, 0, 0], [1, 0, 0])))
    #expect(Oddities.isVerticalStripe(mask([1, 0, 1], [1, 0, 1])))
    #expect(!Oddities.isVerticalStripe(mask([1, 0, 0], [1, 0, 0], [1, 1, 0])))
    #expect(!Oddities.isVerticalStripe(mask([0, 0], [1, 1])))
    #expect(!Oddities.isVerticalStripe(mask([0, 0], [0, 0])))
    #expect(!Oddities.isVerticalStripe(mask([1, 1], [1, 1])))
  }

  func set(_ images: [Plane]) -> ImageSet {
    ImageSet(
      ids: images.indices.map { "i\($0)" }, images: images,
      masks: images.map { Mask(width: $0.width, height: $0.height) })
  }

  @Test func duplicatesAreEqualInAllSamples() {
    func plane(_ values: [Float]) -> Plane { Plane(width: 2, height: 2, values: values) }
    let a = plane([0.1, 0.2, 0.3, 0.4])
    let b = plane([0.4, 0.3, 0.2, 0.1])
    let nearly = plane([0.1, 0.2, 0.3, 0.41])
    let blank = plane([0, 0, 0, 0])
    #expect(
      Oddities.duplicates(in: set([b, a, blank, a, nearly, blank, b, a])) == [[0, 6], [1, 3, 7]])
    #expect(Oddities.duplicates(in: set([a, b, nearly])) == [])
    // A colour all over is as blank as a grey: such images are alike for another reason.
    let red = Plane(width: 2, height: 1, channels: 3, values: [1, 0, 0, 1, 0, 0])
    let stripes = Plane(width: 2, height: 1, channels: 3, values: [1, 0, 0, 0, 0, 1])
    #expect(Oddities.duplicates(in: set([red, stripes, red, stripes])) == [[1, 3]])
  }

  @Test func allKindsAreFoundWithTheirIDs() {
    let plain = Plane(width: 2, height: 2, values: [0.1, 0.2, 0.3, 0.4])
    let blank = Plane(width: 2, height: 2, values: [0.5, 0.5, 0.5, 0.5])
    let images = ImageSet(
      ids: ["a", "b", "c", "d"], images: [plain, blank, plain, plain],
      masks: [
        mask([0, 0], [0, 1]), mask([1, 0], [1, 0]), mask([1, 1], [1, 1]), mask([0, 0], [0, 0]),
      ])
    #expect(
      Oddities.find(in: images, tinyMask: 2).ids(in: images) == [
        "blank images": ["b"], "tiny masks": ["a"], "vertical stripes": ["b"],
        "duplicate images": ["a", "c", "d"],
      ])
  }
}
