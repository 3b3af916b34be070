// ---
// desc: Trains a fold's network anew, on test images too, as its first network labels them
// deps:
//   - data/folds.csv
//   - data/train
//   - "${competition.files.train_table?}"
//   - "${competition.files.depths?}"
//   - data/test
//   - "${competition.files.sample_submission?}"
//   - "data/pseudo/fold-${fold}"
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
//   - pseudo
// outs: ["data/students/fold-${fold}"]
// keep: ["data/students/fold-${fold}/metrics.jsonl"]
// foreach: {fold: folds.count}
// when: pseudo?
// ---

import Datasets
import Segmentation
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # A second network for one fold
  // It begins where the first one began, and learns from the same images and from the test images of which that one
  // was sure. The fold left out is the same, and neither network has seen it. From here on it stands in the place of
  // the first: *evaluate* judges it, *predict* predicts with it.

  cell("Images")
  let fold = try stage.item("fold")
  let pseudo: PseudoSettings = try stage.parameters("pseudo")
  var settings: FitSettings = try stage.parameters("train")
  if let epochs = pseudo.epochs { settings = settings.with(epochs: epochs) }
  let model: ModelSettings = try stage.parameters("model")
  let known = try stage.trainingImages(withDepths: model.depthInput)
  let (training, validation) = try stage.folds(of: known).leavingOut(fold, of: known)
  let test = try stage.pseudoLabelled(
    by: "data/pseudo/fold-\(fold)/labels.safetensors", role: "pseudo-\(fold)",
    withDepths: model.depthInput)
  let images = known.joined(with: test.images, prefix: "test/")
  let labelled = test.labelled.map { known.count + $0 }
  print(
    "\(training.count) images to train on, and \(labelled.count) test images; \(validation.count) left out"
  )

  cell("Network")
  let classes = try stage.competition().classes
  let head = TargetHead(for: images, weights: classes?.weights, at: training + labelled)
  let network = try model.network(for: images, outputs: head.outputs)
  show(try model.figures(of: network, for: images))

  // %% [markdown]
  // ## Training
  // As in *train*, by the same settings but for `pseudo.epochs`. A label that the first network got wrong is learnt
  // as if it were right, so the training loss says less than it does there; the score of the fold left out says as
  // much.
  cell("Training")
  var fit = try Fit(
    network, of: model, on: images, training: training + labelled, validation: validation,
    settings: settings, head: head, in: stage)
  let result = try fit.run(in: stage, to: "data/students/fold-\(fold)")

  cell("In figures")
  show(result.timeFigures)
  show(result.figures)
}
