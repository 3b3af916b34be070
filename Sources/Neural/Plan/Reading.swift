// How layers read values of a plan and write them: sources and sinks over views.

extension PlanBuilder {
  /// How a value is read: as stored, with what is pending.
  func source(_ view: View) -> (Position) -> Source {
    let (rows, channels) = (rows, view.shape.channels)
    guard let factors = view.pending else {
      return { at in
        Source(
          rows, view.memory(at), pitch: view.pitch, channels: channels, element: view.element)
      }
    }
    return { at in
      var source = Source(
        rows, view.memory(at), pitch: view.pitch, channels: channels, element: view.element)
      source.normalize(
        scale: factors.scale, shift: factors.shift, floor: factors.floor, ceiling: factors.ceiling)
      return source
    }
  }

  /// The gradient of what a norm and activation read, from that of their result.
  func source(_ gradient: DeferredGradient) -> (Position) -> Source {
    let (rows, dy, y, norm) = (rows, gradient.dy, gradient.y, gradient.factors)
    let pending = gradient.pending
    return { at in
      var source = Source(
        rows, dy.memory(at), pitch: dy.pitch, channels: dy.shape.channels, element: dy.element)
      source.differentiate(
        y: y.memory(at), pitch: y.pitch, element: y.element,
        scale: pending.scale, shift: pending.shift, floor: pending.floor,
        ceiling: pending.ceiling, a: norm.a.pointer, b: norm.b.pointer, d: norm.d.pointer)
      return source
    }
  }

  /// Where a result goes.
  func sink(_ view: View, accumulate: Bool = false, moments: ((Position) -> Moments)? = nil)
    -> (Position) -> Sink
  {
    let (rows, channels) = (rows, view.shape.channels)
    return { at in
      Sink(
        rows, view.memory(at), pitch: view.pitch, channels: channels, element: view.element,
        accumulate: accumulate, moments: moments?(at))
    }
  }

  /// Copies a value or gradient as it is read, row by row.
  func transfer(
    _ views: [View], _ shape: Shape, from source: @escaping (Position) -> Source,
    to sink: @escaping (Position) -> Sink
  ) {
    needScratch(shape.width * shape.channels)
    slice(views) { at in
      var (from, to) = (source(at), sink(at))
      for first in stride(from: 0, to: shape.pixels, by: shape.width) {
        from.read(first, shape.width, into: at.scratch, pitch: shape.channels)
        to.put(at.scratch, first, shape.width)
      }
    }
  }

  /// A step's result as float32 numbers, with nothing pending.
  func value(_ index: Int) -> View {
    let stored = self.stored(index)
    if stored.isPlain { return stored }
    if let plain = plainValues[index] { return plain }
    let plain = view(shapes[index])
    transfer([stored, plain], shapes[index], from: source(stored), to: sink(plain))
    plainValues[index] = plain
    return plain
  }

  /// A step's result as it is in memory.
  func stored(_ index: Int) -> View {
    guard let view = values[index] else {
      preconditionFailure("layer \(index) is read before it is computed")
    }
    return view
  }

  /// A step's result without anything pending.
  func unchanged(_ index: Int) -> View {
    let x = stored(index)
    return x.pending == nil ? x : value(index)
  }

  /// Writes a gradient as that of a step's result, or adds it there.
  func copyGradient(_ dy: View, into index: Int) {
    let (dx, accumulate) = gradient(into: index)
    transfer([dy, dx], dy.shape, from: source(dy), to: sink(dx, accumulate: accumulate))
  }
}
