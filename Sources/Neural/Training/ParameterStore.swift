// The parameters' memory: trained values and their gradients in one flat order each, so that the
// optimizer is one pass; running statistics apart.

final class ParameterStore {
  let parameters: [Parameter]
  /// Each parameter's place: in `values` if trained, else in `statistics`.
  private let offsets: [Int]
  private let index: [String: Int]
  /// Trained values [0, decaying) are subject to weight decay.
  let decaying: Int
  let values: Floats
  let gradients: Floats
  let statistics: Floats
  private let orders: [[Int]]

  /// Room for the parameters; gradients only if `training`.
  init(_ parameters: [Parameter], training: Bool) {
    self.parameters = parameters
    var offsets = [Int](repeating: 0, count: parameters.count)
    // Every parameter starts on a cache line.
    func lay(_ include: (Parameter) -> Bool, from start: Int) -> Int {
      var at = start
      for (index, parameter) in parameters.enumerated() where include(parameter) {
        offsets[index] = at
        at += (parameter.count + 15) / 16 * 16
      }
      return at
    }
    decaying = lay({ $0.isTrained && $0.decays }, from: 0)
    values = Floats(lay({ $0.isTrained && !$0.decays }, from: decaying))
    gradients = Floats(training ? values.count : 0)
    statistics = Floats(lay({ !$0.isTrained }, from: 0))
    self.offsets = offsets
    index = Dictionary(
      uniqueKeysWithValues: parameters.enumerated().map { ($1.name, $0) })
    orders = parameters.map { $0.order() }
  }

  /// Where a parameter is, by name; nil if the layer has none of that name.
  func offset(of name: String) -> Int? { index[name].map { offsets[$0] } }

  /// Where the trained values lie whose names begin with `prefix`, in order, with the room up to the next
  /// cache line.
  func ranges(below prefix: String) -> [Range<Int>] {
    parameters.indices.filter { parameters[$0].isTrained && parameters[$0].name.hasPrefix(prefix) }
      .map { offsets[$0]..<(offsets[$0] + (parameters[$0].count + 15) / 16 * 16) }
      .sorted { $0.lowerBound < $1.lowerBound }
  }

  /// Its number of values.
  func count(of name: String) -> Int? { index[name].map { parameters[$0].count } }

  var bytes: Int { values.bytes + gradients.bytes + statistics.bytes }

  /// He initialization, each value a function of seed, tensor name and place.
  func initialize(seed: UInt64) {
    for (index, parameter) in parameters.enumerated() {
      let to = (parameter.isTrained ? values : statistics).pointer + offsets[index]
      switch parameter.initial {
      case .constant(let value): to.update(repeating: value, count: parameter.count)
      case .normal(let deviation):
        let generator = CounterGenerator(seed: seed, name: parameter.name)
        for (place, source) in orders[index].enumerated() {
          to[place] = Float(deviation * generator.normal(at: UInt64(source)))
        }
      }
    }
  }

  /// Tensors in PyTorch's order, of `memory` laid out as `values`, and of the statistics if asked.
  func tensors(from memory: Floats, statistics includeStatistics: Bool) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (index, parameter) in parameters.enumerated() {
      guard parameter.isTrained || includeStatistics else { continue }
      let from = (parameter.isTrained ? memory : statistics).pointer + offsets[index]
      var values = [Float](repeating: 0, count: parameter.count)
      for (place, target) in orders[index].enumerated() { values[target] = from[place] }
      tensors[parameter.name] = Tensor(shape: parameter.shape, values: values)
    }
    return tensors
  }

  /// Takes over tensors that `problem(with:)` of the parameters found nothing wrong with.
  func load(_ tensors: [String: Tensor], into memory: Floats) {
    for (index, parameter) in parameters.enumerated() {
      guard let tensor = tensors[parameter.name] else { continue }
      let to = (parameter.isTrained ? memory : statistics).pointer + offsets[index]
      for (place, source) in orders[index].enumerated() { to[place] = tensor.values[source] }
    }
  }
}
