// Predicting as a stage does it: what doesn't fit is refused before anything is computed.

import Basics
import Datasets
import DatasetsSupport
import Foundation
import Inference
import StageSupport
import TestSupport
import Testing
import Workbench

struct StageInferenceTests {
  @Test func asManyModelsAsFolds() throws {
    let folder = try TemporaryFolder()
    let images = blobs(8)
    let folds = try Folds(of: images, FoldSettings(count: 2), seed: 1)
    let stage = try StageFixture(folder).stage()
    let error = #expect(throws: StageFailure.self) {
      try stage.predictOutOfFold(images, folds, by: [], .init(tta: .none, batch: 4))
    }
    #expect(
      error?.message.hasPrefix("there are 0 models for the 2 folds of data/folds.csv") == true)
    #expect(error?.exit == .badInput)
  }

  @Test func aBatchOfNoneIsRefusedAsItIsRead() throws {
    let folder = try TemporaryFolder()
    let stage = try StageFixture(
      folder, parameters: ["inference": .object(["tta": .string("d4"), "batch": .int(0)])]
    ).stage()
    let error = #expect(throws: SettingError.self) {
      _ = try stage.parameters("inference", as: InferenceSettings.self)
    }
    #expect(error?.description == "inference.batch: is 0, should be from 1 to 65536")
  }
}
