// ---
// desc: Trains a network on all folds but one
// deps:
//   - data/folds.csv
//   - data/train
//   - "${competition.files.train_table?}"
//   - "${competition.files.depths?}"
// params:
//   - competition.kind?
//   - competition.classes?
//   - competition.image
//   - competition.files
//   - competition.columns
//   - competition.mask?
//   - competition.missing_masks?
//   - competition.skip_bad?
//   - competition.groups?
//   - competition.rle
//   - competition.submission?
//   - competition.metric
//   - model
//   - train
//   - engine
//   - seed
// outs: ["data/models/fold-${fold}"]
// keep: ["data/models/fold-${fold}/metrics.jsonl"]
// foreach: {fold: folds.count}
// ---

import Datasets
import Segmentation
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # A network for one fold
  // It learns from all folds but one. The fold left out serves for validation only: it shows how
  // training goes, and decides nothing unless `train.keep`, `train.patience` or the schedule `plateau`
  // ask for it; then this page says so.

  cell("Images")
  let fold = try stage.item("fold")
  let settings: FitSettings = try stage.parameters("train")
  let model: ModelSettings = try stage.parameters("model")
  let images = try stage.trainingImages(withDepths: model.depthInput)
  let (training, validation) = try stage.folds(of: images).leavingOut(fold, of: images)
  print("\(training.count) images to train on, \(validation.count) left out")

  cell("Network")
  let classes = try stage.competition().classes
  let head = TargetHead(for: images, weights: classes?.weights, at: training)
  let network = try model.network(for: images, outputs: head.outputs)
  show(try model.figures(of: network, for: images))
  log(try model.layers(of: network, for: images))

  // %% [markdown]
  // ## What the network sees
  // A few images as they are, and as `train.augmentation` changes them in the first epochs, with the truth
  // drawn in. The draws are those of this training. What no longer looks like an image of the competition
  // teaches the network what it won't meet.
  cell("Augmentation")
  var fit = try Fit(
    network, of: model, on: images, training: training, validation: validation,
    settings: settings, head: head, in: stage)
  show(try fit.contactSheet())

  // %% [markdown]
  // ## Training
  // Loss, optimizer, schedule, augmentation, metric, seed and engine are those of params.yaml. The
  // training loss is measured with augmentation, so it may lie above the loss of the fold left out.
  // The score is that of the fold left out at a threshold of 0.5, without test-time augmentation; the
  // stage *evaluate* has the one that counts.
  cell("Training")
  let result = try fit.run(in: stage, to: "data/models/fold-\(fold)")

  // %% [markdown]
  // ## What it took
  // Batches are prepared in the background. The time that steps wait for them all the same is counted.
  cell("In figures")
  show(result.timeFigures)
  show(result.figures)
}
