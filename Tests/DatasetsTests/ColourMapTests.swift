// Label maps whose classes are colours, and what is wrong with them, named before anything is trained.

import Basics
import Datasets
import Foundation
import Imaging
import StageSupport
import TestSupport
import Testing
import Workbench

@Suite struct ColourMapTests {
  let fixture: CompetitionFixture

  init() throws { fixture = try CompetitionFixture() }

  private func colours(_ more: [String: JSONValue] = [:]) throws {
    fixture.competition["kind"] = .string("labels")
    fixture.competition["metric"] = .object(["unit": .string("pixels"), "measure": .string("iou")])
    fixture.competition["submission"] = .object([
      "rows": .string("image-class"), "row": .string("{id}_{class}"),
    ])
    fixture.set("files", "train_table", .null)
    let section: [String: JSONValue] = [
      "names": .array([.string("sky"), .string("road")]),
      "colors": .array([[128, 128, 128], [128, 64, 0]].map { .array($0.map { .int($0) }) }),
      "ignore_colors": .array([.array([.int(0), .int(0), .int(0)])]),
    ]
    fixture.competition["classes"] = .object(section.merging(more) { $1 })
    try coloured("a", [0x80_8080, 0x80_4000, 0x80_4000, 0x80_8080, 0, 0])
    // Grey is a colour of three equal parts.
    try fixture.image("data/train/masks/b.png", [128, 128, 128, 0, 0, 128])
  }

  private func coloured(_ id: String, _ colours: [UInt32]) throws {
    let samples = colours.flatMap { [$0 >> 16, $0 >> 8 & 255, $0 & 255].map(UInt16.init) }
    try fixture.folder.write(
      PNG.encode(Raster(width: 3, height: 2, channels: 3, bitDepth: 8, samples: samples)),
      to: "data/train/masks/\(id).png")
  }

  @Test func coloursAreClassesAndWhatIsIgnored() throws {
    try colours()
    let set = try fixture.training()
    #expect(set.truthKind == .labels && set.classes == 2)
    #expect(set.targets(0).values == [0, 1, 1, 0, 255, 255])
    #expect(set.targets(1).values == [0, 0, 0, 255, 255, 0])
  }

  @Test func aColourThatIsNoClassIsToldWithItsPlace() throws {
    try colours()
    try coloured("b", [0x80_8080, 0x80_4000, 0, 0, 0x80_4001, 0])
    let message = try fixture.failure { _ = try $0.trainingImages(withDepths: false) }
    #expect(
      message.contains(
        "masks/b.png: the pixel in column 1, row 1 has the colour [128, 64, 1], which is no class")
        && !message.contains("JPEG"), "\(message)")
  }

  /// A file of 3 x 2 pixels by libjpeg at quality 30: all [128, 64, 0], but for the one in the middle of the second
  /// row, which is black.
  private static let jpeg = [
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6j",
    "q62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk",
    "pKSkpKSkpKT/wAARCAACAAMDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAaEAEBAAIDAAAAAAAAAAAAAAABAAID",
    "EVKx/8QAFAEBAAAAAAAAAAAAAAAAAAAABP/EABURAQEAAAAAAAAAAAAAAAAAAAAB/9oADAMBAAIRAxEAPwCbrVxeez6ySHSn/9k=",
  ].joined()

  @Test func aFileWithLossIsToldAsSuch() throws {
    try colours()
    let file = try #require(Data(base64Encoded: Self.jpeg))
    try fixture.folder.write(file, to: "data/train/masks/b.png")
    let message = try fixture.failure { _ = try $0.trainingImages(withDepths: false) }
    #expect(message.contains("JPEG blurs the borders of classes"), "\(message)")
  }

  @Test func coloursThatMakeNoSenseAreRefused() throws {
    let one: JSONValue = .array([.int(1), .int(2), .int(3)])
    for (key, value, problem) in [
      ("colors", .array([one]), "classes.colors: are 1, should be 2, one a name"),
      ("colors", .array([one, one]), "classes.colors: has [1, 2, 3] twice"),
      ("colors", .array([one, .array([.int(1), .int(2)])]), "should be lists of red, green and"),
      ("colors", .null, "classes.ignore_colors: needs colors"),
    ] as [(String, JSONValue, String)] {
      try colours([key: value])
      #expect(try fixture.failure { _ = try $0.competition() }.contains(problem))
    }
  }
}
