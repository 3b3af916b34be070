// The list of transforms as params.yaml has it, and what is said of mistakes in it.

import Foundation
import Imaging
import Testing

@Suite struct AugmentationCodingTests {
  private func read(_ text: String) throws -> Augmentation {
    try JSONDecoder().decode(Augmentation.self, from: Data(text.utf8))
  }

  @Test func valuesAndTheirForms() throws {
    let found = try read(
      """
      [{"hflip": {}}, {"rotate": {"p": 1, "limit": 20, "border": "edge"}},
       {"random_sized_crop": {"p": 0.25, "scale": 0.8}}, {"gamma": {"limit": [0.5, 2]}},
       {"blur": {"size": [3, 5]}}, {"clahe": {"tiles": 4}}]
      """)
    var (rotation, crop, gamma) = (Rotation(), RandomSizedCrop(), Gamma())
    (rotation.limit, rotation.border) = (-20...20, .edge)
    crop.scale = 0.8...0.8
    gamma.limit = 0.5...2
    var (blur, clahe) = (BoxBlur(), CLAHE())
    blur.size = 3...5
    clahe.tiles = 4
    #expect(
      found
        == Augmentation([
          .init(HorizontalFlip(), p: 0.5), .init(rotation), .init(crop, p: 0.25),
          .init(gamma, p: 0.5), .init(blur, p: 0.5), .init(clahe, p: 0.5),
        ]))
    #expect(try read("[]") == Augmentation())
  }

  @Test func whatIsWrittenIsRead() throws {
    let all = Augmentation(Augmentation.each(width: 8, height: 8).flatMap(\.list.entries))
    #expect(all.entries.count == 21)
    let text = try JSONEncoder().encode(all)
    #expect(try JSONDecoder().decode(Augmentation.self, from: text) == all)
    #expect(Set(Augmentation.transforms.map { $0.name }).count == 21)
  }

  @Test(arguments: [
    (
      #"[{"hflp": {"p": 0.5}}]"#, "0.hflp",
      "there is no such transform; did you mean “hflip”? There are hflip, vflip"
    ),
    (#"[{"swirl": {}}]"#, "0.swirl", "there is no such transform. There are hflip, vflip"),
    (
      #"[{"hflip": {}}, {"random_sized_crop": {"scal": 1}}]"#, "1.random_sized_crop.scal",
      "random_sized_crop has no such value; did you mean “scale”? It takes p, scale, ratio"
    ),
    (#"[{"hflip": {"P": 0.5}}]"#, "0.hflip.P", "did you mean “p”?"),
    (#"[{"hflip": {"p": 1.5}}]"#, "0.hflip.p", "is 1.5, but should be a probability from 0 to 1"),
    (#"[{"hflip": {"p": null}}]"#, "0.hflip.p", "is null, but should be a probability"),
    (
      #"[{"random_sized_crop": {"scale": [0.9, 0.6]}}]"#, "0.random_sized_crop.scale",
      "is [0.9, 0.6], but should be [least, most], or one number, from 0.01 to 1"
    ),
    (#"[{"random_sized_crop": {"scale": [0, 1]}}]"#, "0.random_sized_crop.scale", "from 0.01 to 1"),
    (#"[{"rotate": {"limit": -5}}]"#, "0.rotate.limit", "or one number from 0 on for both signs"),
    (
      #"[{"rotate": {"border": "wrap"}}]"#, "0.rotate.border",
      "is wrap, but should be reflect, edge or zero"
    ),
    (#"[{"elastic": {"cells": 2.5}}]"#, "0.elastic.cells", "a whole number from 1 to 64"),
    (#"[{"blur": {"size": [3, 99]}}]"#, "0.blur.size", "whole ones from 3 to 31"),
    (
      #"["hflip"]"#, "0",
      "is hflip: an entry is one name with its values behind it, as in “- hflip: {p: 0.5}”"
    ),
    (#"[{"hflip": null, "p": 0.5}]"#, "0", "holds hflip and p: an entry is one name"),
    (#"[{"hflip": 0.5}]"#, "0.hflip", "holds 0.5 and not values by name"),
    (#"[{"cutmix": {}}, {"hflip": {}}]"#, "0.cutmix", "put it at the end of the list"),
    ("0.5", "", "is a number, but should be a list of transforms"),
  ])
  func mistakesAreNamed(text: String, path: String, words: String) throws {
    let error = #expect(throws: DecodingError.self) { try read(text) }
    guard case .dataCorrupted(let context)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(context.codingPath.map(\.stringValue).joined(separator: ".") == path)
    #expect(context.debugDescription.contains(words), "\(context.debugDescription)")
  }

  /// The section that params.yaml had does what the list does that comes to the same.
  @Test func theFormerSectionIsReadAsItsList() throws {
    let section = """
      {"hflip": 0.5, "vflip": 0.0, "crop": 0.5, "crop_scale": [0.7, 1.0], "affine": 0.3, "shift": 0.05, "scale": 0.1,
       "rotate": 5, "elastic": 0.0, "border": "edge", "light": 1.0, "brightness": 0.05, "contrast": 0.1}
      """
    let list = """
      [{"hflip": {"p": 0.5}}, {"random_sized_crop": {"p": 0.5, "scale": [0.7, 1]}},
       {"shift_scale_rotate": {"p": 0.3, "shift": 0.05, "scale": 0.1, "rotate": 5, "border": "edge"}},
       {"brightness_contrast": {"p": 1, "brightness": 0.05, "contrast": 0.1}}]
      """
    #expect(try read(section) == read(list))
    #expect(try read("{}") == Augmentation())
    // What isn't said is as it was.
    #expect(
      try read(#"{"elastic": 0.25}"#)
        == read(#"[{"elastic": {"p": 0.25, "deviation": 3, "cells": 4, "border": "reflect"}}]"#))
  }

  @Test(
    arguments: [
      (#"{"hflop": 0.5}"#, "hflop", "is no key of an augmentation; did you mean “hflip”? "),
      (#"{"crop": 2}"#, "crop", "is 2, but should be a probability from 0 to 1"),
      (#"{"crop_scale": 0}"#, "crop_scale", "is 0, but should be "),
      (#"{"affine": 1, "border": "wrap"}"#, "border", "is wrap, but should be "),
    ])
  func theFormerSectionNamesItsOwnKeys(_ text: String, _ key: String, _ problem: String) {
    let error = #expect(throws: DecodingError.self) { try read(text) }
    guard case .dataCorrupted(let context)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(context.codingPath.last?.stringValue == key)
    #expect(context.debugDescription.hasPrefix(problem), "\(context.debugDescription)")
  }
}
