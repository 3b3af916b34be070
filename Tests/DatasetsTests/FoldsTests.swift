// Folds: each image in one, balanced, a function of images and seed; the table on disk.

import Foundation
import Imaging
import Basics
import Datasets
import DatasetsSupport
import TestSupport
import Testing

@Suite struct FoldsTests {
  private let set = blobs(103, depths: true)

  @Test(arguments: [2, 3, 5])
  func everyImageIsInOneFoldAndFoldsAreBalanced(count: Int) throws {
    let folds = try Folds(of: set, FoldSettings(count: count), seed: 7)
    #expect(folds.ids == set.ids.sorted())
    let members = try (0..<count).map { try folds.images(of: $0, in: set) }
    #expect(members.flatMap { $0 }.sorted() == Array(set.ids.indices))
    let sizes = members.map(\.count)
    #expect(sizes.max()! - sizes.min()! <= 1)
    for fold in 0..<count {
      let (training, validation) = try folds.leavingOut(fold, of: set)
      #expect(validation == members[fold])
      #expect(Set(training).isDisjoint(with: members[fold]))
      #expect(training.count + members[fold].count == set.count)
    }
    // Every class of coverage is spread as evenly as its size allows.
    let classes = CoverageClass()
    for bin in 0...classes.count {
      let counts = members.map { images in
        images.count { classes.index(area: set.area($0), pixels: 256) == bin }
      }
      #expect(counts.max()! - counts.min()! <= 1)
    }
  }

  @Test func depthsAreSpreadWithinTheFolds() throws {
    let settings = FoldSettings(count: 2, coverageClasses: 1, depthQuantiles: 4)
    let folds = try Folds(of: set, settings, seed: 7)
    let means = try (0..<2).map { fold in
      let depths = try folds.images(of: fold, in: set).map { set.features[$0][0] }
      return depths.reduce(0, +) / Float(depths.count)
    }
    #expect(abs(means[0] - means[1]) < 6)
  }

  @Test func theSeedDecidesAndTheOrderDoesNot() throws {
    let settings = FoldSettings(count: 3)
    let folds = try Folds(of: set, settings, seed: 7)
    #expect(try Folds(of: set, settings, seed: 7) == folds)
    #expect(try Folds(of: set, settings, seed: 8) != folds)
    let backwards = Array(set.ids.indices.reversed())
    let reversed = ImageSet(
      ids: backwards.map { set.ids[$0] }, images: backwards.map { set.image($0) },
      masks: backwards.map { set.mask($0) }, features: backwards.map { set.features[$0] })
    #expect(try Folds(of: reversed, settings, seed: 7) == folds)
  }

  @Test func imagesThatAreTheSameShareAFold() throws {
    // Three copies each of 20 images, with masks of their own, and ten blank images.
    let some = blobs(20)
    let blank = Plane(width: 16, height: 16, values: [Float](repeating: 0, count: 256))
    let empty = Mask(width: 16, height: 16)
    let set = ImageSet(
      ids: (0..<70).map { "id-\($0)" },
      images: (0..<60).map { some.image($0 % 20) } + [Plane](repeating: blank, count: 10),
      masks: (0..<60).map { some.mask(($0 + $0 / 20) % 20) } + [Mask](repeating: empty, count: 10))
    let folds = try Folds(of: set, FoldSettings(count: 2), seed: 3)
    let foldOf = Dictionary(uniqueKeysWithValues: zip(folds.ids, folds.folds))
    for index in 0..<20 {
      #expect(Set([0, 20, 40].map { foldOf["id-\(index + $0)"] }).count == 1)
    }
    // Blank images are alike for another reason, and are spread.
    #expect(Set((60..<70).map { foldOf["id-\($0)"] }).count == 2)
  }

  @Test func theTableComesBack() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("folds.csv")
    let folds = try Folds(of: set, FoldSettings(count: 3), seed: 7)
    try folds.write(to: url)
    #expect(try Folds(contentsOf: url, known: set.ids) == folds)
    #expect(try String(contentsOf: url, encoding: .utf8).hasPrefix("id,fold\nimage-000,"))
  }

  @Test(arguments: [
    ("id,part\na,0\nb,1\n", ":1: has no column \"fold\", only id, part"),
    ("id,fold\na,0\nb,1\nc,1\nz,1\n", ":5: no image has the id \"z\""),
    ("id,fold\na,0\nb,1\na,1\n", ":4: the id \"a\" is in line 2 already"),
    ("id,fold\na,0\nb,1\n", ": has no line for the image c"),
    (
      "id,fold\na,0\nb,x\nc,1\n",
      ":3: the fold \"x\" is not a whole number from 0 and below the number of images"
    ),
    (
      "id,fold\na,0\nb,1\nc,9223372036854775807\n",
      ":4: the fold \"9223372036854775807\" is not a whole number from 0 and below the number of images"
    ),
    ("id,fold\na,0\nb\nc,1\n", ":3: 1 fields where the header has 2"),
    ("id,fold\na,0\nb,2\nc,2\n", ": has no image in fold 1"),
    ("", ": is empty"),
    ("fold\n0\n1\n", ":1: has no column \"id\", only fold"),
  ])
  func badTablesAreRefused(text: String, problem: String) throws {
    let folder = try TemporaryFolder()
    let url = try folder.write(text, to: "folds.csv")
    let error = #expect(throws: (any Error).self) {
      try Folds(contentsOf: url, known: ["a", "b", "c"])
    }
    #expect((error as? any Failing)?.description == url.path + problem)
    #expect((error as? any Failing)?.exit == .badInput)
  }

  @Test func aFoldThatIsNotThereIsTold() throws {
    let folds = try Folds(of: set, FoldSettings(count: 3), seed: 7)
    let error = #expect(throws: FoldsError.self) { try folds.leavingOut(3, of: set) }
    #expect(error?.description.contains("there are 3, so there is no fold 3") == true)
  }

  @Test func idsWithCommasAndQuotesComeBack() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("folds.csv")
    let names = ["a,b", "say \"x\"", "c", "d"]
    let some = ImageSet(
      ids: names, images: (0..<4).map { set.image($0) }, masks: (0..<4).map { set.mask($0) })
    let folds = try Folds(of: some, FoldSettings(count: 2), seed: 7)
    try folds.write(to: url)
    #expect(try Folds(contentsOf: url, known: names) == folds)
  }

  @Test func moreFoldsThanImagesAreRefused() {
    #expect(throws: SettingError.self) { try Folds(of: blobs(3), FoldSettings(count: 4), seed: 1) }
    #expect(throws: SettingError.self) { try Folds(of: blobs(3), FoldSettings(count: 1), seed: 1) }
  }
}
