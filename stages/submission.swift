// ---
// desc: Writes the file to upload, and checks it
// deps: [data/predictions, data/evaluation/postprocessing.json, "${competition.files.sample_submission?}"]
// params: [competition]
// outs: [submissions/submission.csv, "${competition.submission.archive?}"]
// ---

import Analysis
import Archive
import Datasets
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # The submission
  // Probabilities become masks by what *evaluate* chose, such as a threshold and a minimum area, and
  // masks become run lengths. The ids and their order are those of the sample submission.
  cell("Encode")
  let competition = try stage.competition()
  let maps = try ProbabilityMaps(contentsOf: stage.input("data/predictions/test.safetensors"))
  let setting: PostProcessing = try stage.read("data/evaluation/postprocessing.json")
  let sample = try competition.files.sampleSubmission.map {
    try CSV(contentsOf: stage.input($0))
  }
  let submission = try Submission(like: sample, ids: maps.ids, of: competition) { id in
    maps.index(of: id).map { setting.prediction(maps, $0, competition.targets) }
  }

  // %% [markdown]
  // ## Checked before it gets its name
  // The file is read back from the disk: same columns, same ids in the same order, and every mask
  // decodes to the one that was meant. The decoder refuses runs that overlap, are out of order or
  // leave the image.
  cell("Check")
  let file = try stage.output("submissions/submission.csv")
  try submission.table.write(to: file)
  try submission.check(file)
  show([
    Figure("rows", submission.count.formatted(), note: "\(maps.count.formatted()) images"),
    Figure(
      "empty masks", percent(submission.empty, of: submission.count),
      note: submission.empty.formatted()),
    Figure("mean coverage", percent(Statistics.mean(submission.coverage) ?? 0)),
    setting.figure(competition.targets),
  ])
  print(
    "\(submission.count) rows, checked against "
      + (competition.files.sampleSubmission ?? "the test images"))

  // Some competitions take an archive of pictures instead of the table.
  if let pictures = MaskPictures(of: competition), let path = competition.rows.archive {
    let archive = try ArchiveWriter(stage.output(path))
    for (index, id) in maps.ids.enumerated() {
      let prediction = setting.prediction(maps, index, competition.targets)
      for file in try pictures.files(of: id, prediction) {
        try archive.add(path: file.path, data: file.data)
      }
    }
    try archive.finish()
    print("\(maps.count) images as pictures in \(path), each read back")
  }
}
