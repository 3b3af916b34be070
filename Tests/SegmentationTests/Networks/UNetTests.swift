// The U-Net's structure against the peer's, and sizes that do not go together.

import Foundation
import Neural
import Segmentation
import Testing

@Suite struct UNetTests {
  /// 16 filters, 5 levels, one channel: so many has the same network in PyTorch, by
  /// `sum(p.numel() for p in net.parameters())`.
  @Test func hasTheParametersOfTheReference() throws {
    let unet = try UNet(
      UNetSettings(filters: 16, levels: 5, padTo: 128),
      image: Shape(height: 101, width: 101, channels: 1))
    let network = unet.network()
    #expect(try network.parameterCount(height: 101, width: 101) == 1_942_289)
    #expect(
      try network.outputShape(height: 101, width: 101)
        == Shape(height: 101, width: 101, channels: 1))
  }

  /// What comes up is joined with the same level's image from the way down.
  @Test func everyLevelIsJoinedWithItsWayDown() throws {
    let unet = try UNet(
      UNetSettings(filters: 2, levels: 4), image: Shape(height: 16, width: 16, channels: 1))
    let steps = unet.network().steps
    let joins = steps.filter { $0.layer == .concatenate }.map { join in
      join.inputs.map { input in
        // A ReLU has no name; its normalization has.
        let step = steps[input]
        return step.name.isEmpty ? steps[step.inputs[0]].name : step.name
      }
    }
    #expect(joins == [2, 1, 0].map { ["down\($0).norm1", "up\($0)"] })
  }

  @Test(arguments: [1, 2, 3])
  func mapsEverySizeToItself(levels: Int) throws {
    for (height, width, channels, features) in [(16, 16, 1, 0), (17, 30, 3, 2), (9, 8, 1, 1)] {
      let image = Shape(height: height, width: width, channels: channels)
      let unet = try UNet(
        UNetSettings(filters: 2, levels: levels, dropout: 0.1), image: image, features: features)
      let output = try unet.network().outputShape(height: height, width: width)
      #expect(output == Shape(height: height, width: width, channels: 1))
    }
  }

  @Test(arguments: [
    (
      UNetSettings(levels: 5, padTo: 100),
      "model.pad_to: 100 is less than the images' height of "
        + "101; the least that fits is 112"
    ),
    (
      UNetSettings(levels: 5, padTo: 120),
      "model.pad_to: 120 cannot be halved 4 times, once between "
        + "each of the 5 levels; use a multiple of 16, such as 112"
    ),
    (
      UNetSettings(levels: 3, padTo: 400),
      "model.pad_to: a height of 101 cannot be reflected out to "
        + "400; use at most 301"
    ),
    (UNetSettings(dropout: 1), "model.dropout: should be at least 0 and below 1"),
    (UNetSettings(filters: 0), "model.filters: should be 1 or more"),
    (UNetSettings(levels: 0), "model.levels: should be from 1 to 10"),
  ])
  func sizesThatDoNotGoTogether(settings: UNetSettings, problem: String) {
    let error = #expect(throws: SettingError.self) {
      try UNet(settings, image: Shape(height: 101, width: 101, channels: 1))
    }
    #expect(error?.description == problem)
  }
}
