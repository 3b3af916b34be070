// Values of a plan as layers see them: some channels of a buffer.

/// Some channels of a buffer.
struct View {
  var buffer: Buffer
  var shape: Shape
  /// First channel within a pixel of the buffer.
  var offset = 0
  /// Channels of a pixel of the buffer.
  var pitch: Int
  /// How the buffer holds numbers.
  let element: Element
  /// What to do on reading.
  var pending: Factors?

  init(_ shape: Shape, _ element: Element = .float32) {
    buffer = Buffer(count: (shape.count + element.inWord - 1) / element.inWord)
    self.shape = shape
    self.element = element
    pitch = shape.channels
  }

  /// Whether `at` gives the values themselves.
  var isPlain: Bool { element == .float32 && pending == nil }

  /// `channels` channels from `offset` on.
  func channels(_ offset: Int, _ channels: Int) -> View {
    var view = self
    view.offset += offset
    view.shape.channels = channels
    view.pending?.offset += offset
    return view
  }

  /// The first value of a float32 view.
  @inline(__always)
  func at(_ position: Position) -> UnsafeMutablePointer<Float> { buffer.at(position) + offset }

  /// The first value of any view.
  @inline(__always)
  func memory(_ position: Position) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(buffer.at(position)) + offset * (element == .float32 ? 4 : 2)
  }

  /// The pixels of a float32 view from one on, to be read.
  @inline(__always)
  func pixels(_ position: Position, row: Int = 0, column: Int = 0) -> Pixels {
    Pixels(pointer: at(position) + row * rowPitch + column * pitch, pitch: pitch)
  }

  /// The same, to be written.
  @inline(__always)
  func rows(_ position: Position, row: Int = 0, column: Int = 0, accumulate: Bool = false) -> Rows {
    Rows(
      pointer: at(position) + row * rowPitch + column * pitch, pitch: pitch,
      accumulate: accumulate)
  }

  /// An image as one vector; only without gaps between pixels.
  var asVector: View {
    var vector = self
    vector.shape = Shape(height: 1, width: 1, channels: shape.count)
    vector.pitch = shape.count
    return vector
  }

  /// Floats between rows.
  var rowPitch: Int { shape.width * pitch }
}
