// Colours of classes and instances, and overlays in them.

extension Color {
  /// Colours that stay apart for most eyes: Okabe and Ito's (2008), then lighter and darker ones.
  private static let classes: [Color] = [
    Color(red: 230, green: 159, blue: 0), Color(red: 86, green: 180, blue: 233),
    Color(red: 0, green: 158, blue: 115), Color(red: 240, green: 228, blue: 66),
    Color(red: 0, green: 114, blue: 178), Color(red: 213, green: 94, blue: 0),
    Color(red: 204, green: 121, blue: 167), Color(red: 150, green: 150, blue: 150),
    Color(red: 120, green: 80, blue: 200), Color(red: 160, green: 220, blue: 120),
    Color(red: 140, green: 70, blue: 40), Color(red: 250, green: 180, blue: 190),
  ]

  /// The colour of a class, from 0; they repeat after twelve.
  public static func ofClass(_ index: Int) -> Color { classes[index % classes.count] }
}

extension Overlay {
  /// The image with pixels tinted, each in its colour; nil leaves one as it is.
  public static func fill(on image: Raster, opacity: Double = 0.5, colors: [Color?]) -> Raster {
    precondition(colors.count == image.width * image.height, "a colour for each pixel")
    return blend(image, image.width, image.height) {
      (colors[$0] ?? .orange, colors[$0] == nil ? 0 : opacity)
    }
  }

  /// The image with instances tinted, neighbours in different colours as a rule, and outlined.
  public static func instances(_ map: LabelMap, on image: Raster) -> Raster {
    let (width, height) = (map.width, map.height)
    return blend(image, width, height) { pixel in
      let label = map.labels[pixel]
      guard label != 0 else { return (.orange, 0) }
      let (x, y) = (pixel % width, pixel / width)
      let isInner =
        (x == 0 || map.labels[pixel - 1] == label)
        && (x == width - 1 || map.labels[pixel + 1] == label)
        && (y == 0 || map.labels[pixel - width] == label)
        && (y == height - 1 || map.labels[pixel + width] == label)
      return (.ofClass(Int(label - 1)), isInner ? 0.35 : 1)
    }
  }
}
