// What a stage is told when it starts: the JSON file that the environment variable WORK_ORDER names.
// docs/protocol.md describes it. The runner writes it and the stage reads it, as this one type.

package import Basics

/// The order for one run of one instance. All of it is JSON, whatever language the stage is in.
package struct Order: Codable, Sendable {
  /// The protocol that these sources speak. Who reads an order looks at its number before all else, since a
  /// later one may have another shape.
  package static let supportedProtocol = 1

  package var `protocol` = Order.supportedProtocol
  package var stage: String
  package var instance: String
  /// The item of each axis of `foreach`.
  package var item = JSONValue.object([])
  /// The workspace's folder, absolute; inputs are relative to it.
  package var root: String
  /// The stage's script, absolute.
  package var script: String
  /// Declared keys only, as sections within sections.
  package var params = JSONValue.object([])
  /// Keys that the command has overridden.
  package var overridden: [String] = []
  package var inputs: [String] = []
  /// Folders among the inputs that stand for declared outputs below them.
  package var expanded: [String: [String]] = [:]
  /// Declared outputs, and where to write them.
  package var outputs: [String: String]
  /// A folder that survives a crash.
  package var scratch: String
  /// Where the executed record is written.
  package var record: String
  /// Where the stage's events are written, a line each; see `StageEvent`.
  package var events: String
  /// A folder of values that the stage finds out once.
  package var pinned: String
  /// What may change speed, never a result.
  package var runtime: JSONValue
  package var grant: Grant
  /// The folder of what is asked while it runs; see `Requests`. A stage that heeds them makes it. Nil where
  /// nobody looks.
  package var requests: String?
  /// Facts of the machine and the checkout, for the record.
  package var environment: [String: String]
  /// What the outputs are a function of, for the record: the hash over all of it, those of the script and
  /// the modules it imports, and those of the inputs. An older runner tells nothing of them.
  package var fingerprint: String?
  package var code: [String: String]?
  package var data: [String: String]?

  /// Threads while the stage runs: at first as `runtime.threads` says, then as the file does, since
  /// what runs side by side shares them.
  package struct Grant: Codable, Sendable {
    package var file: String
    /// No more than these will be granted.
    package var most: Int

    /// Names the file, and the most that it will ever hold.
    package init(file: String, most: Int) {
      self.file = file
      self.most = most
    }
  }

  /// An order for a program with no part in the graph: no item, no parameters, no inputs.
  package init(
    stage: String, instance: String, root: String, script: String, outputs: [String: String],
    scratch: String, record: String, events: String, pinned: String,
    runtime: JSONValue, grant: Grant, environment: [String: String]
  ) {
    self.stage = stage
    self.instance = instance
    self.root = root
    self.script = script
    self.outputs = outputs
    self.scratch = scratch
    self.record = record
    self.events = events
    self.pinned = pinned
    self.runtime = runtime
    self.grant = grant
    self.environment = environment
    code = [:]
    data = [:]
  }
}
