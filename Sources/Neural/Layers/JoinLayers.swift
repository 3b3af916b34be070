// Layers that put images and vectors beside each other along the channels, forward and backward.

extension PlanBuilder {
  // MARK: Concatenation

  /// Inputs that were written straight into the joined image stay; others are copied there.
  func concatenate(_ index: Int) {
    let y = result(index)
    var offset = 0
    var isPending = false
    for input in network.steps[index].inputs {
      let x = stored(input)
      let target = y.channels(offset, x.shape.channels)
      if x.buffer === target.buffer, x.offset == target.offset {
        isPending = isPending || x.pending != nil
      } else {
        transfer([x, target], shapes[input], from: source(x), to: sink(target))
      }
      offset += x.shape.channels
    }
    if isPending { values[index]?.pending = pending(index) }
  }

  /// Each input's gradient is a part of the joined one: where it is, if nothing was written elsewhere.
  func concatenateBackward(_ index: Int, _ dy: View) {
    var offset = 0
    for input in network.steps[index].inputs {
      let part = dy.channels(offset, shapes[input].channels)
      offset += shapes[input].channels
      guard analysis.isTrained[input] else { continue }
      if gradients[input] == nil, part.element == analysis.elements[input] {
        gradients[input] = part
      } else {
        copyGradient(part, into: input)
      }
    }
  }

  // MARK: Broadcast

  /// The vector is an image with a pitch of 0: each of its pixels is the same.
  func broadcast(_ index: Int) {
    let (x, y) = (value(input(of: index)), result(index))
    let kernels = kernels
    slice([x, y]) { at in
      kernels.copy(
        y.shape.pixels, channels: y.shape.channels, Pixels(pointer: x.at(at), pitch: 0),
        to: y.rows(at))
    }
  }

  /// The vector's gradient is the sum over the pixels.
  func broadcastBackward(_ index: Int, _ dy: View) {
    let (dx, accumulate) = gradient(into: input(of: index))
    let (kernels, c) = (kernels, dy.shape.channels)
    let sums = doubles(batch * c)
    slice([dy, dx]) { at in
      let sum = sums.pointer + at.image * c
      sum.update(repeating: 0, count: c)
      kernels.channelSums(dy.shape.pixels, channels: c, dy.pixels(at), into: sum)
      for i in 0..<c {
        dx.at(at)[i] = Float(sum[i]) + (accumulate ? dx.at(at)[i] : 0)
      }
    }
  }
}
