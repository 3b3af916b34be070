// The work itself: images in parts, their maps by all models, what post-processing makes of them, the rows of the
// submission. What the stages *predict* and *submission* do one after the other happens here part by part.

import Analysis
import Archive
import Basics
import Bundles
import Datasets
import Foundation
import Imaging
import Inference
import Workbench

/// One call of the program.
struct BundlePrediction {
  let bundle: URL
  let options: PredictOptions
  /// For links and intermediate files; the caller removes it.
  let scratch: URL

  /// What `--dry-run` tells.
  private struct Facts: Encodable {
    var images: Int
    var leftOut: Int
    var rows: Int
    var models: Int
    var parts: Int
    var notes: [String]
  }

  /// Writes the submission.
  func run() throws {
    let manifest = try BundleManifest(bundle: bundle)
    let given = try GivenFiles(options.images, places: manifest.places)
    let (work, files) = try open(manifest, given)
    let stage = work.stage
    let lines = EventLines(work.events, isQuiet: options.isQuiet) { work.wording($0) }
    do {
      let competition = try stage.competition()
      let setting: PostProcessing = try BundleStage.postProcessing(manifest, in: bundle)
      let plan = try RowPlan(
        competition, ids: files.ids,
        found: sampleName(manifest).flatMap(given.table), choice: options.sample,
        known: manifest.sample)
      let parts = ImageParts.plan(
        plan.images, of: competition, most: options.atOnce ?? ImageParts.mostImages
      ) { files.files(of: $0).first?.url }
      let models = try stage.models()
      if models.takeDepths, !stage.hasInput("depths.csv") {
        throw InputError(
          "--images \(options.images): the models take each image's depth, and no table of depths is there "
            + "(competition.files.depths in the workspace)")
      }
      if competition.image.slices ?? 1 > 1, competition.files.groups != nil,
        !stage.hasInput("groups.csv")
      {
        throw InputError(
          "--images \(options.images): neighbouring slices are seen together, and no table of groups is there "
            + "(competition.files.groups in the workspace)")
      }
      if options.isDryRun {
        return EventLines.say(
          try JSON.line(
            Facts(
              images: files.ids.count, leftOut: plan.leftOut, rows: plan.table.rows.count,
              models: models.count, parts: parts.count, notes: plan.notes)))
      }
      for note in plan.notes { EventLines.warn(note) }
      say(
        "\(plan.images.count) images, \(models.count) models, \(options.threads) threads"
          + (parts.count > 1 ? ", in \(parts.count) parts" : ""))
      lines.start()
      try write(plan, parts, models, competition, setting, work, lines)
      lines.end()
    } catch let error as any Failing {
      lines.end()
      throw StageFailure(work.wording(error.description), exit: error.exit)
    } catch {
      lines.end()
      throw StageFailure(work.wording("\(error)"))
    }
  }

  private func sampleName(_ manifest: BundleManifest) -> String? {
    guard
      case .string(let path)? = manifest.parameters[path: "competition.files.sample_submission"]
    else { return nil }
    return path
  }

  private func say(_ text: String) { if !options.isQuiet { EventLines.say(text) } }

  /// The stage over the folder in which images are found, and these.
  private func open(
    _ manifest: BundleManifest, _ given: GivenFiles
  ) throws -> (BundleStage, PatternFiles) {
    let pattern = try BundleStage.pattern(manifest.parameters)
    let cut = GivenFiles.cut(pattern)
    let folders = given.folders(cut.folder)
    for (number, folder) in folders.enumerated() {
      let work = try BundleStage(
        manifest, in: bundle, root: scratch.appendingPathComponent("\(number)", isDirectory: true),
        images: folder, given: given, options)
      if let files = try? work.stage.patternFiles(try work.stage.competition().files.testImages) {
        return (work, files)
      }
    }
    throw InputError(
      "\(given.folder.path): holds no file that matches \(cut.name), nor do the folders "
        + given.names(of: cut.folder).dropLast().joined(separator: ", ")
        + " in it (\(pattern) in the workspace); archives must be unpacked")
  }

  // MARK: Parts

  private func write(
    _ plan: RowPlan, _ parts: [Range<Int>], _ models: [Model], _ competition: Competition,
    _ setting: PostProcessing, _ work: BundleStage, _ lines: EventLines
  ) throws {
    let stage = work.stage
    let inference: InferenceSettings = try stage.parameters("inference")
    let ensemble = try Ensemble(
      models, batch: inference.batch, overlap: inference.overlap ?? 0.5, engine: stage.engine())
    let output = URL(fileURLWithPath: options.output)
    let pictures = try Pictures(competition, beside: output, named: options.archive)
    var rowsOfImage: [String: [Int]] = [:]
    for (row, image) in plan.imageOfRow.enumerated() { rowsOfImage[image, default: []].append(row) }
    var written = [[[String]]](repeating: [], count: plan.table.rows.count)
    var empty = 0
    for part in parts {
      let images = plan.images[part]
      if parts.count > 1 {
        lines.begin(
          part: "images \(part.lowerBound + 1) to \(part.upperBound) of \(plan.images.count): ")
      }
      let rows = images.flatMap { rowsOfImage[$0] ?? [] }.sorted()
      let sample = CSV(columns: plan.table.columns, rows: rows.map { plan.table.rows[$0] })
      try sample.write(to: work.sample)
      let maps = try predict(by: ensemble, inference, models, stage)
      func prediction(_ id: String) -> Prediction? {
        if let index = maps.index(of: id) {
          return setting.prediction(maps, index, competition.targets)
        }
        return options.skipsBad ? competition.nothing : nil
      }
      let submission = try Submission(like: sample, of: competition, prediction: prediction)
      let file = stage.scratch.appendingPathComponent("part.csv")
      try submission.table.write(to: file)
      try submission.check(file)
      empty += submission.empty
      try place(submission.table, at: rows, sample, competition, into: &written)
      try pictures?.add(maps) { setting.prediction(maps, $0, competition.targets) }
    }
    let table = CSV(columns: plan.table.columns, rows: written.joined())
    try WholeFile.makeFolder(output.deletingLastPathComponent())
    try table.write(to: output)
    let read = try CSV(contentsOf: output)
    guard read.columns == table.columns, read.rows == table.rows else {
      throw StageFailure("\(output.path): read back, it is another table; is the disk full?")
    }
    try pictures?.finish()
    lines.begin(part: "")
    say("\(table.rows.count) rows, \(empty) of them empty, checked: \(options.output)")
    if let pictures { say("masks as pictures: \(pictures.file.path)") }
  }

  /// The maps of the images that the sample names.
  private func predict(
    by ensemble: Ensemble, _ inference: InferenceSettings, _ models: [Model], _ stage: Stage
  ) throws -> ProbabilityMaps {
    let images = try stage.testImages(withDepths: models.takeDepths)
    let all = Array(images.ids.indices)
    let frames = ensemble.frames(of: images, at: all)
    let progress = stage.progress(
      "predict", total: frames, unit: frames == images.count ? "images" : "windows")
    return try ensemble.predict(
      images, at: all, tta: inference.tta, file: stage.scratch.appendingPathComponent("maps")
    ) { progress.update(done: $0) }
  }

  /// Puts the rows of a part where the sample has them; of instances there may be several for one.
  private func place(
    _ table: CSV, at rows: [Int], _ sample: CSV, _ competition: Competition,
    into written: inout [[[String]]]
  ) throws {
    guard competition.rows.rows == .instance else {
      for (row, fields) in zip(rows, table.rows) { written[row] = [fields] }
      return
    }
    var first: [String: Int] = [:]
    for (row, id) in zip(rows, try sample.column(competition.columns.id)) where first[id] == nil {
      first[id] = row
    }
    for (id, fields) in zip(try table.column(competition.columns.id), table.rows) {
      if let row = first[id] { written[row].append(fields) }
    }
  }
}

/// The archive of masks as pictures that some competitions take.
private final class Pictures {
  let file: URL
  private let pictures: MaskPictures
  private let archive: ArchiveWriter

  /// Nil where the competition takes none.
  init?(_ competition: Competition, beside output: URL, named name: String?) throws {
    guard let pictures = MaskPictures(of: competition), let path = competition.rows.archive else {
      return nil
    }
    self.pictures = pictures
    file =
      name.map { URL(fileURLWithPath: $0) }
      ?? output.deletingLastPathComponent().appendingPathComponent(
        path.lastPathName)
    try WholeFile.makeFolder(file.deletingLastPathComponent())
    archive = try ArchiveWriter(file)
  }

  func add(_ maps: ProbabilityMaps, _ prediction: (Int) -> Prediction) throws {
    for (index, id) in maps.ids.enumerated() {
      for file in try pictures.files(of: id, prediction(index)) {
        try archive.add(path: file.path, data: file.data)
      }
    }
  }

  func finish() throws { try archive.finish() }
}
