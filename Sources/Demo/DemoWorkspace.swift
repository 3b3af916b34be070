// Sets up a demo's workspace: the competition's files as Kaggle would serve them, and a params.yaml
// that describes it. All of it under one folder.

import Basics
public import Foundation

/// A demo: which competition, how large, and what its params.yaml says otherwise than the real
/// one's.
public struct DemoWorkspace: Sendable {
  /// The demos there are.
  public enum Name: String, Sendable, CaseIterable {
    /// Seismic images with salt, as in the default competition, only fewer.
    case salt
    /// Colour pictures of cells: other sizes, columns, layout, run lengths and metric.
    case cells
    /// Pictures of several sizes with nuclei, each of them scored by itself.
    case nuclei
    /// Pictures of streets, with one of four classes for each pixel.
    case streets

    /// Numbers of images with which a run takes a minute or so on two cores; of salt, a few minutes.
    public var usualSize: Size {
      switch self {
      case .salt, .cells: Size(train: 400, test: 100)
      case .nuclei: Size(train: 72, test: 24)
      case .streets: Size(train: 128, test: 40)
      }
    }
  }

  /// Which demo.
  public let name: Name
  /// The workspace's folder.
  public let root: URL
  /// The competition's files as served.
  public var served: URL { root.appendingPathComponent("served", isDirectory: true) }

  private var downloaded: URL { root.appendingPathComponent("data/raw", isDirectory: true) }

  /// A demo below a folder.
  public init(_ name: Name, in folder: URL) {
    self.name = name
    root = folder.appendingPathComponent(name.rawValue, isDirectory: true)
  }

  /// The slug under which the demo's server offers the competition.
  public var slug: String { "demo-\(name.rawValue)" }

  /// Numbers of images.
  public struct Size: Sendable {
    /// Training images.
    public var train: Int
    /// Test images.
    public var test: Int

    /// Numbers of training and test images.
    public init(train: Int, test: Int) {
      self.train = train
      self.test = test
    }
  }

  /// Generates the competition (unless the same one is there already) and writes params.yaml.
  ///
  /// - Parameters:
  ///   - template: the text of the real competition's params.yaml.
  ///   - extra: further values, after the demo's own.
  /// - Throws: `DemoError` where the template lacks a key, or what the file system refuses.
  public func prepare(
    size: Size, seed: UInt64, template: String, extra: [(key: String, value: String)] = []
  ) throws {
    let parameters = try ParameterTemplate.replacing(
      name.parameters(slug: slug) + extra, in: template)
    try WholeFile.write(
      parameters.utf8, to: root.appendingPathComponent("params.yaml"), flushed: false)
    let stamp = served.appendingPathExtension("stamp")
    let identity = Data("\(name.rawValue) \(size.train) \(size.test) \(seed) 1".utf8)
    if let found = try? Data(contentsOf: stamp), found == identity { return }
    // What was fetched of other files goes with them: the download stage can't know of the change.
    for old in [stamp, served, downloaded, root.appendingPathComponent(".work/scratch/download")]
    where FileManager.default.fileExists(atPath: old.path) {
      try FileManager.default.removeItem(at: old)
    }
    try competition.generate(into: served, seed: seed, train: size.train, test: size.test)
    try WholeFile.write(identity, to: stamp, flushed: false)
  }

  private var competition: DemoCompetition {
    switch name {
    case .salt: .salt
    case .cells: .cells
    case .nuclei: .nuclei
    case .streets: .streets
    }
  }
}
