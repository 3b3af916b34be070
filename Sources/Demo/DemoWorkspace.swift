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

  /// params.yaml as a demo wrote it.
  private var written: URL { root.appendingPathComponent(".work/demo-params.yaml") }
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

  /// Generates the competition (unless the same one is there already) and writes params.yaml, unless that was edited since
  /// an earlier demo wrote it.
  ///
  /// - Parameters:
  ///   - template: the text of the real competition's params.yaml.
  ///   - extra: further values, after the demo's own.
  /// - Returns: whether params.yaml was edited, and is used as it is.
  /// - Throws: `DemoError` where the template lacks a key, or the folder is somebody's own; what the file system refuses.
  @discardableResult
  public func prepare(
    size: Size, seed: UInt64, template: String, extra: [(key: String, value: String)] = []
  ) throws -> Bool {
    let stamp = served.appendingPathExtension("stamp")
    let there = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    guard there.isEmpty || WholeFile.exists(stamp) || WholeFile.exists(written) else {
      throw DemoError("\(root.path): isn't empty, and no demo made it; name another folder")
    }
    let isEdited = try writeParameters(
      ParameterTemplate.replacing(name.parameters(slug: slug) + extra, in: template))
    let identity = Data("\(name.rawValue) \(size.train) \(size.test) \(seed) 1".utf8)
    if let found = try? Data(contentsOf: stamp), found == identity { return isEdited }
    // What was fetched of other files goes with them: the download stage can't know of the change.
    for old in [stamp, served, downloaded, root.appendingPathComponent(".work/scratch/download")]
    where FileManager.default.fileExists(atPath: old.path) {
      try FileManager.default.removeItem(at: old)
    }
    try competition.generate(into: served, seed: seed, train: size.train, test: size.test)
    try WholeFile.write(identity, to: stamp, flushed: false)
    return isEdited
  }

  /// Writes params.yaml, and a copy by which the next demo knows whether it was edited.
  ///
  /// - Returns: whether it was, and stays.
  private func writeParameters(_ text: String) throws -> Bool {
    let file = root.appendingPathComponent("params.yaml")
    if let now = try WholeFile.contents(of: file), let before = try WholeFile.contents(of: written),
      now != before
    {
      return true
    }
    try WholeFile.write(text.utf8, to: written, flushed: false)
    try WholeFile.write(text.utf8, to: file, flushed: false)
    return false
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
