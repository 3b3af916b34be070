// ---
// desc: Scores the out-of-fold predictions, and tunes the post-processing
// deps:
//   - data/models
//   - "data/students?"
//   - data/folds.csv
//   - data/train
//   - "${competition.files.train_table?}"
//   - "${competition.files.depths?}"
//   - "${competition.files.groups?}"
// params: [competition, evaluate, inference, engine]
// outs: [data/evaluation]
// keep: [data/evaluation/scores.csv]
// ---

import Analysis
import Datasets
import Inference
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # What the models are worth
  // Every training image is predicted by the one model that never saw it, with the test-time
  // augmentation and the run lengths that the submission will have. The score here is what to
  // expect of the submission.
  cell("Out-of-fold predictions")
  let competition = try stage.competition()
  let settings: EvaluationSettings = try stage.parameters("evaluate")
  let inference: InferenceSettings = try stage.parameters("inference")
  let models = try stage.models()
  let images = try stage.trainingImages(withDepths: models.takeDepths)
  let folds = try stage.folds(of: images)
  let maps = try stage.predictOutOfFold(images, folds, by: models, inference)

  // %% [markdown]
  // ## The score
  // A threshold and a minimum area turn probabilities into masks, whose holes may be filled and small parts
  // removed; instances have a threshold for their cores, too; of classes that exclude each other the
  // likeliest is taken. What is to be chosen is chosen for each fold on the other folds and judged on it,
  // so the score isn't flattered by the choice.
  cell("Score")
  let metric = competition.metric
  let progress = stage.progress("judge", total: maps.count, unit: "images")
  let evaluation = try Evaluation(
    of: maps, truth: images, folds: folds, metric: metric, grid: settings.grid(),
    instances: settings.instances ?? .usual, classes: CoverageClass(count: settings.coverageBins),
    names: competition.classNames, threads: stage.threads,
    progress: { progress.update(done: $0) })
  // A command of your own has the last word.
  let own = try stage.ownScore(competition, evaluation, maps: maps, truth: images)
  stage.metric("score", own ?? evaluation.score)
  show(evaluation.figures(competition.targets, own: own))
  print(
    "out-of-fold score \(decimal(own ?? evaluation.score)) (\(metric.name), TTA \(inference.tta.rawValue))"
  )
  if let board = competition.leaderboard { show([board.figure(own ?? evaluation.score)]) }
  show(evaluation.foldTable)
  if let table = evaluation.classTable { show(table) }
  if let table = evaluation.confusionTable { show(table) }

  // %% [markdown]
  // ## The choice
  // On all folds at once, so a little flattered. A flat top means that the choice hardly matters.
  cell("Thresholds and areas")
  if let chart = evaluation.thresholdChart {
    show(chart)
  } else {
    show(markdown: "The likeliest class is taken: there is nothing to choose.")
  }

  // %% [markdown]
  // ## Where it is won and lost
  // Empty images mostly score 1 or 0; small masks are the hardest. Below each image stands its score; among
  // equals, those with the most wrong pixels come first.
  cell("By coverage")
  show(
    Chart.bars(
      evaluation.bins.map { ($0.label, $0.score) }, title: "Score by coverage", x: "coverage",
      y: metric.name))
  show(evaluation.coverageTable)
  if let sizes = evaluation.sizeTable { show(sizes) }
  if let groups = try stage.groups(of: images) { show(evaluation.groupTable(groups)) }

  cell("Samples and worst cases")
  let kind = competition.targets
  let samples = evenly(8, of: images.marked)
  if let legend = try competition.legend() { show(legend) }
  for (title, some) in [
    ("From small masks to large ones", samples),
    ("The lowest scores", evaluation.worst(settings.worst)),
  ] {
    show(
      PictureGrid(
        title: title, columns: ["image", "truth", "probability", "prediction"],
        rows: try some.map { index in
          let label = "\(images.ids[index].shortened) · \(decimal(evaluation.images[index].score))"
          return [
            try images.picture(index, label: label),
            try images.picture(of: images.truth(index), on: index),
            try Picture(heat: maps.shown(index, kind)),
            try images.picture(of: evaluation.prediction(index, of: maps, kind), on: index),
          ]
        }))
  }

  // %% [markdown]
  // ## What is kept
  // `oof.csv` holds the judged masks in the competition's own format, so that any other program can
  // score them. `scores.csv` has what each image scored; every run keeps a copy, for `work runs diff`.
  cell("Files")
  try maps.write(to: stage.output("data/evaluation/oof.safetensors"))
  try stage.write(evaluation, to: "data/evaluation/evaluation.json")
  try stage.write(evaluation.final, to: "data/evaluation/postprocessing.json")
  try competition.table(ids: maps.ids) { evaluation.prediction($0, of: maps, kind) }
    .write(to: stage.output("data/evaluation/oof.csv"))
  try evaluation.scores(idColumn: competition.columns.id)
    .write(to: stage.output("data/evaluation/scores.csv"))
}
