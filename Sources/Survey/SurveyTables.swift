// What is made of the tables and of the places of files.

import Basics
import Foundation
import Imaging

extension Survey {
  mutating func noteRunLengths(
    _ masks: MaskFacts?, _ table: TrainingTable?, _ train: PictureFacts, _ sample: SampleFacts
  ) {
    let facts = DialectFacts(
      table, sizes: train.sizes, greys: train.greys,
      masks: findings.kind == .labels || !findings.classes.isEmpty ? nil : masks,
      marking: findings.marks, severalAnImage: findings.kind == .instances, sample: sample)
    findings.rle = facts.dialect
    findings.reasons["rle"] = facts.reason
    if let doubt = facts.doubt { findings.notes.append(doubt) }
    if let table {
      findings.idColumn = table.table.csv.columns[table.id]
      findings.maskColumn = table.table.csv.columns[table.mask]
      findings.classColumn = table.classes.map { table.table.csv.columns[$0] }
      findings.reasons["columns"] = "of \(table.table.name)"
    }
  }

  mutating func noteSubmission(_ sample: SampleFacts) {
    let columns = sample.table.csv.columns
    if findings.reasons["columns"] == nil {
      findings.idColumn = columns[sample.id]
      if let mask = sample.mask { findings.maskColumn = columns[mask] }
      findings.classColumn = sample.classColumn.map { columns[$0] }
      findings.reasons["columns"] = "of \(sample.table.name)"
    } else {
      if let mask = sample.mask, columns[mask] != findings.maskColumn {
        findings.predictedColumn = columns[mask]
      }
      if columns[sample.id] != findings.idColumn {
        findings.notes.append(
          "columns: \(sample.table.name) calls the images' column \(columns[sample.id]), the training table "
            + "\(findings.idColumn)")
      }
    }
    findings.rows = sample.rows
    findings.row = sample.row
    let name = sample.table.name
    switch sample.rows {
    case .imageClass:
      findings.reasons["submission"] =
        "\(name) has \(sample.classes.count) rows an image, a class each"
      if findings.classes.isEmpty, findings.kind != .labels { findings.classes = sample.classes }
    case .image where findings.kind == .instances:
      findings.rows = .instance
      findings.reasons["submission"] = "\(name) has a row an image to begin with; a row an instance"
    case .image, .instance:
      findings.reasons["submission"] = "\(name) has a row an image"
    }
    if sample.share < 1 {
      findings.notes.append(
        "\(name): names \(Int((sample.share * 100).rounded(.down))) % of the \(findings.testCount) test images"
      )
    }
  }

  mutating func noteDepths(_ parts: PictureParts, _ places: Places, taken: Set<String>) {
    let ids = Set(parts.train.ids.ids)
    let all = ids.union(parts.test.ids.ids)
    for table in tables.tables where !taken.contains(table.name) {
      guard let (id, _) = table.idColumn(among: all),
        let number = table.numberColumn(
          besides: [id]
            + table.csv.columns.indices.filter {
              ImageColumn.isGroup(table.csv.columns[$0])
                || ImageColumn.isFold(table.csv.columns[$0])
            }),
        ids.isSubset(of: table.column(at: id))
      else { continue }
      findings.depths = places.place(of: table.source, table.member)
      findings.depthColumn = table.csv.columns[number]
      findings.reasons["files.depths"] = "a number for each image, of \(table.name)"
      if table.csv.columns[id] != findings.idColumn {
        findings.notes.append(
          "files.depths: \(table.name) calls the ids \(table.csv.columns[id]), not \(findings.idColumn)"
        )
      }
      return
    }
  }

  mutating func noteMissing(
    _ parts: PictureParts, _ table: TrainingTable?, _ annotations: TrainingAnnotations?
  ) {
    let ids = parts.train.ids.ids
    let missing: Int
    let what: String
    if let masks = parts.masks {
      missing = ids.count { masks.pattern.files[$0] == nil }
      what = "mask file"
    } else if let table {
      missing = ids.count { table.texts[$0] == nil }
      what = "row in \(table.table.name)"
    } else if let annotations {
      missing = ids.count { annotations.file.images[$0] == nil }
      what = "entry in \(annotations.file.name)"
    } else {
      return
    }
    guard missing > 0 else { return }
    findings.missingMasksAreEmpty = true
    findings.reasons["missing_masks"] = "\(missing) of \(ids.count) training images have no \(what)"
  }

  /// Where files go below data/, and the patterns that follow from it.
  mutating func notePlaces(
    _ parts: PictureParts, _ places: Places, _ table: TrainingTable?,
    _ annotations: TrainingAnnotations?, _ sample: SampleFacts
  ) {
    findings.places = places.rules
    findings.gigabytes = Double(files.statedBytes) / 1e9
    findings.trainImages = places.pattern(parts.train.family, parts.train.ids.text)
    findings.testImages = places.pattern(parts.test.family, parts.test.ids.text)
    findings.trainMasks = parts.masks.map { places.pattern($0.family, $0.pattern.text) }
    findings.trainTable = table.map { places.place(of: $0.table.source, $0.table.member) }
    if let annotations {
      findings.trainTable = places.place(of: annotations.file.source, annotations.file.member)
    }
    findings.sampleSubmission = places.place(of: sample.table.source, sample.table.member)
    func images(_ family: PictureFamily) -> String {
      // Names that are hashes say nothing.
      let example = family.files[0].path
      return "\(family.files.count) files of \(family.archive)"
        + (example.count <= 60 ? ", such as \(example)" : "")
    }
    findings.reasons["files.train_images"] = images(parts.train.family)
    findings.reasons["files.test_images"] = images(parts.test.family)
    if let masks = parts.masks {
      findings.reasons["files.train_masks"] =
        "\(masks.family.files.count) files of \(masks.family.archive) for \(masks.pattern.files.count) images"
    } else {
      findings.reasons["files.train_masks"] = "no picture is a mask: they come from train_table"
    }
    findings.reasons["files.train_table"] =
      table.map { "\($0.table.csv.rows.count) rows for \($0.texts.count) images" }
      ?? annotations?.summary ?? "no table has run lengths of training images"
    noteUnused(parts, places)
  }

  private mutating func noteUnused(_ parts: PictureParts, _ places: Places) {
    for family in parts.unused {
      findings.notes.append("\(family.title): \(family.files.count) pictures with no part in this")
    }
    findings.notes += tables.problems
    for name in files.folders {
      findings.notes.append("\(name)/: a folder isn't looked into; Kaggle serves archives")
    }
    if !files.others.isEmpty {
      findings.notes.append("no part in this: " + files.others.joined(separator: ", "))
    }
    let fetched = places.fetched
    let all =
      files.archives.count + files.tables.count + files.annotations.count + files.others.count
    if fetched.count < all {
      findings.download = fetched
    }
  }
}
