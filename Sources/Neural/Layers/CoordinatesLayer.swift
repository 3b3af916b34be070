// Where each pixel of an image lies, as two channels.

extension PlanBuilder {
  func coordinates(_ index: Int) {
    let y = result(index)
    let shape = shapes[index]
    func place(_ i: Int, of count: Int) -> Float {
      count > 1 ? 2 * Float(i) / Float(count - 1) - 1 : 0
    }
    let rows = (0..<shape.height).map { place($0, of: shape.height) }
    let columns = (0..<shape.width).map { place($0, of: shape.width) }
    slice([y]) { at in
      let to = y.rows(at)
      var pixel = to.pointer
      for row in rows {
        for column in columns {
          (pixel[0], pixel[1]) = (row, column)
          pixel += to.pitch
        }
      }
    }
  }
}
