// An instance in the JSON of `work status` and `work run --dry-run`.

import Pipeline

struct StatusLine: Encodable {
  var instance: String
  var stage: String
  var state: String
  var reasons: [String]
  var causes: [Reason.Cause]
  var accepted: String?
  var overrides: [String]
  var expectedSeconds: Double?
  var restoredFrom: String?
  var job: String?

  init(_ status: InstanceStatus) {
    instance = status.instance
    stage = status.stage
    state = status.state.rawValue
    reasons = status.reasons.map(\.description)
    causes = status.reasons.flatMap(\.causes)
    accepted = status.accepted
    overrides = status.overrides
    expectedSeconds = status.expectedSeconds
    restoredFrom = status.restoredFrom
    job = status.job
  }
}
