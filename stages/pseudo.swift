// ---
// desc: Labels the test images by one fold's network, where it is sure
// deps: ["data/models/fold-${fold}", data/test, "${competition.files.sample_submission?}", "${competition.files.depths?}"]
// params: [competition, inference, engine, pseudo]
// outs: ["data/pseudo/fold-${fold}"]
// foreach: {fold: folds.count}
// when: pseudo?
// ---

import Datasets
import Inference
import Workbench

await Stage.run { stage in
  // %% [markdown]
  // # Test images to learn from
  // The network of one fold predicts the test images. Where it is sure, its prediction is as good as a label, and a
  // second network learns from it too (*student*). Only the fold's own network has a say: it never saw the images of
  // its fold, so that these can still judge the second one.
  cell("Predict")
  let fold = try stage.item("fold")
  let competition = try stage.competition()
  let settings: PseudoSettings = try stage.parameters("pseudo")
  let model = try Model(
    contentsOf: stage.input("data/models/fold-\(fold)/model.safetensors"))
  let images = try stage.testImages(withDepths: [model].takeDepths)
  let maps = try stage.predict(images, by: [model], stage.parameters("inference"))

  // %% [markdown]
  // ## How sure it is
  // Confidence is the overlap with the truth (intersection over union) that the probabilities themselves promise, so
  // a network that is sure of its mistakes passes them on. `pseudo.confidence` says from where on an image is learnt
  // from.
  cell("Choose")
  let confidence = maps.confidence(competition.targets)
  let kept = confidence.indices.filter { confidence[$0] >= settings.confidence }
  guard !kept.isEmpty else {
    throw StageFailure(
      "no test image has a confidence of \(decimal(settings.confidence)) or more; lower pseudo.confidence",
      exit: .badInput)
  }
  try ProbabilityMaps(merging: [maps], order: kept.map { maps.ids[$0] })
    .write(to: stage.output("data/pseudo/fold-\(fold)/labels.safetensors"))
  let coverage = try maps.coverage(competition.targets)
  show([
    Figure("test images", maps.count.formatted()),
    Figure(
      "learnt from", percent(kept.count, of: maps.count),
      note:
        "\(kept.count.formatted()), with a confidence of \(decimal(settings.confidence)) or more"),
    Figure(
      "empty among them", percent(kept.count { coverage[$0] == 0 }, of: kept.count),
      note: "of all \(percent(coverage.count { $0 == 0 }, of: maps.count))"),
  ])
  show(
    Chart.histogram(
      confidence, bins: 40, title: "Confidence", x: "overlap to expect (IoU)", y: "images"))
  let order = confidence.indices.sorted { (confidence[$0], $0) < (confidence[$1], $1) }
  if let legend = try competition.legend() { show(legend) }
  let marked = order.filter { coverage[$0] > 0 }
  show(
    try images.predictions(
      evenly(6, of: marked.filter { confidence[$0] >= settings.confidence }), maps,
      competition.targets, title: "Learnt from"))
  show(
    try images.predictions(
      evenly(6, of: marked.filter { confidence[$0] < settings.confidence }), maps,
      competition.targets, title: "Left out"))
}
