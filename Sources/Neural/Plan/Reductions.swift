// Sums over the images of a batch, in a fixed tree, so that they do not depend on who computed what.

extension PlanBuilder {
  /// Adds up one value an image at the end of the backward pass, and hands over the sum.
  /// - Parameters:
  ///   - view: the values; they are overwritten.
  ///   - count: floats of each.
  ///   - finish: called with the sum and `gradients`.
  func addReduction(
    of view: View, count: Int, to gradients: UnsafeMutablePointer<Float>,
    _ finish: @escaping (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    reductionViews.append(view)
    let (batch, kernels) = (batch, kernels)
    reductions.append { _, scratch in
      func slot(_ image: Int) -> UnsafeMutablePointer<Float> {
        view.at(Position(image: image, scratch: scratch))
      }
      var step = 1
      while step < batch {
        for low in stride(from: 0, to: batch - step, by: 2 * step) {
          kernels.add(count, slot(low + step), to: slot(low))
        }
        step *= 2
      }
      finish(slot(0), gradients)
    }
  }

  /// Adds the phase that does all of it, one item a sum.
  func addReductions() {
    let work = reductions
    kind = .reduction
    items(work.count, reductionViews) { item, scratch in work[item](item, scratch) }
  }
}

/// Adds the rows of a matrix into its first, in a fixed tree.
func treeSumRows(_ values: UnsafeMutablePointer<Double>, rows: Int, columns: Int) {
  var step = 1
  while step < rows {
    for low in stride(from: 0, to: rows - step, by: 2 * step) {
      for i in 0..<columns { values[low * columns + i] += values[(low + step) * columns + i] }
    }
    step *= 2
  }
}

/// Adds up `values`, which it overwrites, in the same way.
func treeSum(_ values: UnsafeMutablePointer<Double>, _ count: Int) -> Double {
  guard count > 0 else { return 0 }
  treeSumRows(values, rows: count, columns: 1)
  return values[0]
}
