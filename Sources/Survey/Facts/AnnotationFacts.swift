// What annotations in COCO's form are like: how many objects of which categories images have, and whether these
// are objects to be told apart.

import Basics

/// The annotations of the training images.
struct TrainingAnnotations: Sendable {
  var file: ServedAnnotations
  /// Training images with an object.
  var annotated = 0
  /// Of them, those with several objects of a category.
  var several = 0
  /// The most objects of a category that an image has.
  var most = 0
  /// Objects, and crowds among them.
  var objects = 0
  var crowds = 0
  /// Images of the file of which there is no picture.
  var strangers: [String] = []

  /// The file that names most training images; nil where none names half of them.
  ///
  /// - Parameter rows: images with run lengths in a table, which is preferred where it names as many.
  init?(among files: [ServedAnnotations], ids: Set<String>, besides rows: Set<String>?) {
    let shares = files.map { $0.share(of: ids) }
    guard let best = shares.indices.max(by: { (shares[$0], $1) < (shares[$1], $0) }),
      shares[best] >= 0.5,
      shares[best] > Double(rows?.intersection(ids).count ?? 0) / Double(ids.count)
    else { return nil }
    file = files[best]
    for (id, image) in file.images where ids.contains(id) {
      let most = image.counts.values.max() ?? 0
      self.most = max(self.most, most)
      if most > 0 { annotated += 1 }
      if most > 1 { several += 1 }
      objects += image.counts.values.reduce(0, +)
      crowds += image.crowds
    }
    strangers = file.images.keys.filter { !ids.contains($0) }.sorted()
  }

  /// In a sentence.
  var summary: String {
    "\(objects) objects of \(file.categories.count == 1 ? "a category" : "\(file.categories.count) categories") "
      + "in \(annotated) of \(file.images.count) images, in COCO's form"
  }
}

extension Survey {
  /// Kind and classes, where annotations are the truth.
  mutating func noteAnnotations(_ annotations: TrainingAnnotations, _ sample: SampleFacts) {
    let name = annotations.file.name
    let categories = annotations.file.categories
    if !sample.classes.isEmpty {
      noteCategories(annotations, wanted: sample.classes)
    } else if categories.count > 1 {
      findings.notes.append(
        "classes: \(name) has \(categories.count) categories (\(categories.map(\.name).joined(separator: ", "))), and "
          + "\(sample.table.name) asks for none: all are taken for one class")
    }
    let why: String?
    if !sample.classes.isEmpty {
      why = nil
    } else if sample.repeats {
      why = "\(sample.table.name) has several rows an image"
    } else if annotations.crowds > 0 {
      why = "\(annotations.crowds) objects are marked as crowds"
    } else if 2 * annotations.several >= max(1, annotations.annotated) {
      why = "\(annotations.several) of \(annotations.annotated) images with objects have several"
    } else {
      why = nil
    }
    if let why {
      findings.kind = .instances
      findings.reasons["kind"] = "\(name): \(why)"
      findings.notes.append(
        "kind: the objects in \(name) are taken for instances (\(why)); if an image's are parts of one mask, set kind: "
          + "mask, submission: null and a metric of masks, such as dice")
    } else {
      findings.reasons["kind"] = "up to \(annotations.most) objects an image and class in \(name)"
      if annotations.most > 1 {
        let remedy =
          sample.classes.isEmpty
          ? "; if each is scored by itself, set kind: instances, submission: {rows: instance} and a metric of instances"
          : ""
        findings.notes.append(
          "kind: the objects of an image and class in \(name), up to \(annotations.most), are taken for parts of one "
            + "mask\(remedy)")
      }
    }
    if let first = annotations.strangers.first {
      findings.notes.append(
        "files.train_table: \(name) names \(annotations.strangers.count) images of which there is no training picture, "
          + "such as “\(first)”: folds will refuse it until they are taken out")
    }
  }

  /// Classes are categories by their names or, where the sample has them so, by their numbers.
  private mutating func noteCategories(_ annotations: TrainingAnnotations, wanted: [String]) {
    let categories = annotations.file.categories
    let numbers = Set(categories.map { "\($0.number)" })
    let byNumber =
      !Set(wanted).isSubset(of: categories.map(\.name)) && numbers.isSuperset(of: wanted)
    let names = categories.map { byNumber ? "\($0.number)" : $0.name }
    var seen: Set<String> = []
    findings.classes = (names + wanted).filter { seen.insert($0).inserted }
    findings.reasons["classes"] =
      "the categories of \(annotations.file.name)\(byNumber ? ", by their numbers" : "")"
    let missing = wanted.filter { !names.contains($0) }
    if !missing.isEmpty {
      findings.notes.append(
        "classes: \(annotations.file.name) has no object of \(missing.joined(separator: ", ")), which the sample "
          + "submission asks for")
    }
  }
}
