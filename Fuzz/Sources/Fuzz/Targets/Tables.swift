// Tables, run lengths in every dialect, and annotations.

import Foundation

@testable import Basics
@testable import Imaging

let tableTargets: [Target] = [
  Target(name: "csv") {
    [
      "id,rle_mask\n0a,1 2 5 3\n0b,\n", "\u{FEFF}id;z\r\n\"a\"\"b\",\"1\r\n2\"\r\n",
      "a\n\"\"\n\n1\n",
    ].map { Data($0.utf8) }
  } body: { data in
    let table = try CSV(data, name: "input")
    promise(table.rows.allSatisfy { $0.count == table.columns.count }, "a field for every column")
    for column in table.columns { _ = try? table.numbers(column) }
    // At the beginning of a file it is a mark of the encoding.
    guard table.columns[0].unicodeScalars.first != "\u{FEFF}" else { return }
    let again = outcome { try CSV(Data(table.text.utf8), name: "again") }
    guard let again = try? again.get() else {
      return promise(false, "a table that is written is read: \(again)")
    }
    // By bytes: an accent alone and one on a letter are equal as text.
    let same = zip([table.columns] + table.rows, [again.columns] + again.rows).allSatisfy {
      $0.count == $1.count && zip($0, $1).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
    promise(again.rows.count == table.rows.count && same, "it is the same table")
  },
  Target(name: "rle") {
    [
      "0", "11 3 5 2", "3[1, 3, 5, 2]", "6{\"size\": [5, 7], \"counts\": \"11m0\"}",
      "4(1, 3), (9, 2)",
      "21:3|5:2", "51-3;7-2", "8[[1, 3], [9, 2]]", "6kP22N1O",
    ].map { Data($0.utf8) }
  } body: { data in
    guard let choice = data.first.map(Int.init) else { return }
    let text = String(decoding: data.dropFirst(), as: UTF8.self)
    let (width, height) = (5 + choice % 3, 7 - choice % 4)
    let separators = [nil, "|", ";", ":", ","]
    for form in RunLength.Form.allCases {
      let separator = separators[choice / 3 % separators.count].flatMap {
        form.allows(separator: $0) ? $0 : nil
      }
      for dialect in RunLength.dialects(
        of: form, empty: choice & 1 == 0 ? "" : "-1", separator: separator)
      {
        guard let masks = try? dialect.decodeMasks(text, width: width, height: height) else {
          continue
        }
        for mask in masks {
          promise(mask.width == width && mask.height == height, "a mask of the asked size")
          let written = dialect.encode(mask)
          let again = outcome { try dialect.decode(written, width: width, height: height) }
          promise((try? again.get()) == mask, "“\(written)” is read as it was meant (\(dialect))")
        }
      }
    }
    _ = DialectGuess(examples: [.init(text: text, width: width, height: height)])
    let mask = Mask(width: width, height: height)
    _ = DialectCheck(of: RunLength(), examples: [.init(text: text, mask: mask)])
    _ = DialectQuality(of: RunLength(), [.init(text: text, width: width, height: height)])
  },
  Target(name: "coco") {
    [
      """
      {"images": [{"id": 1, "file_name": "a/b.png", "width": 9, "height": 5}],
       "categories": [{"id": 3, "name": "cell"}],
       "annotations": [{"image_id": 1, "category_id": 3, "iscrowd": 0, "segmentation": [[1, 1, 4, 1, 4, 3]]},
        {"image_id": 1, "segmentation": {"counts": [3, 2, 40], "size": [5, 9]}},
        {"image_id": 1, "segmentation": {"counts": "11m0", "size": [5, 9]}}]}
      """
    ].map { Data($0.utf8) }
  } body: { data in
    let file = try COCOFile(data, name: "input")
    for image in file.images { _ = image.stem }
    for annotation in file.annotations {
      switch annotation.segmentation.shape {
      case .polygons(let rings):
        _ = try? Mask(polygon: rings, width: 9, height: 5)
        _ = try? Mask(polygon: rings, width: 9, height: 5, rule: .union)
      case .runs(let text): _ = try? RunLength(form: .coco).decode(text, width: 9, height: 5)
      }
    }
  },
]
