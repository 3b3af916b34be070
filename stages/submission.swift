// ---
// desc: Writes the file to upload, and checks it
// deps: [data/predictions, data/evaluation/postprocessing.json, "${competition.files.sample_submission}"]
// params: [competition]
// outs: [submissions/submission.csv]
// ---

import Exploration
import Foundation
import Imaging
import Inference
import Notebook
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # The submission
  // Probabilities become masks by the threshold and the minimum area that *evaluate* chose, and
  // masks become run lengths. The ids and their order are those of the sample submission.
  cell("Encode")
  let competition = try stage.competition()
  let columns = competition.columns
  let dialect = try stage.parameters("competition.rle", as: RunLength.self)
  let maps = try ProbabilityMaps(contentsOf: stage.input("data/predictions/test.safetensors"))
  let setting = try JSONDecoder().decode(
    PostProcessing.self, from: Data(contentsOf: stage.input("data/evaluation/postprocessing.json")))
  let sample = try CSV(contentsOf: stage.input(competition.files.sampleSubmission))
  let ids = try sample.column(columns.id)
  let places = Dictionary(zip(maps.ids, maps.ids.indices), uniquingKeysWith: { first, _ in first })
  guard sample.columns.count == 2, sample.columns.contains(columns.mask) else {
    throw StageFailure(
      "\(sample.name): has the columns \(sample.columns.joined(separator: ", ")), but \(columns.id) and "
        + "\(columns.mask) are expected (competition.columns in params.yaml)", exit: .badInput)
  }
  var table = CSV(columns: sample.columns)
  var masks: [Mask] = []
  for id in ids {
    guard let place = places[id] else {
      throw StageFailure("\(sample.name): \(id) has no prediction", exit: .badInput)
    }
    let mask = setting.mask(maps, place)
    masks.append(mask)
    table.append(sample.columns.map { $0 == columns.id ? id : dialect.encode(mask) })
  }

  // %% [markdown]
  // ## Checked before it gets its name
  // The file is read back from the disk: same columns, same ids in the same order, and every mask
  // decodes to the one that was meant. The decoder refuses runs that overlap, are out of order or
  // leave the image.
  cell("Check")
  let file = try stage.output("submissions/submission.csv")
  try table.write(to: file)
  let written = try CSV(contentsOf: file)
  guard written.columns == sample.columns, try written.column(columns.id) == ids else {
    throw StageFailure(
      "\(file.path): read back, its columns or ids are not those of the sample submission")
  }
  for (index, runs) in try written.column(columns.mask).enumerated() {
    guard try dialect.decode(runs, width: maps.width, height: maps.height) == masks[index] else {
      throw StageFailure(
        "\(file.path):\(written.lines[index]): \(ids[index]) decodes to another mask")
    }
  }
  let empty = masks.count(where: \.isEmpty)
  show([
    Figure("images", ids.count.formatted()),
    Figure("empty masks", percent(Double(empty) / Double(ids.count)), note: empty.formatted()),
    Figure("mean coverage", percent(masks.reduce(0) { $0 + $1.coverage } / Double(masks.count))),
    Figure(
      "threshold", String(format: "%.2f", setting.threshold),
      note: "minimum area \(setting.minimumArea)"),
  ])
  print("\(ids.count) rows, checked against \(competition.files.sampleSubmission)")
}
