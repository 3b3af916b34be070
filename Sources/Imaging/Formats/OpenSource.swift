// From a file's first bytes to the reader of its format.

import Bytes

/// The reader of a file.
///
/// - Throws: `ReadingProblem` for a file of none of the formats, which says what it is instead, and for
///   a format whose library was not there when this was built.
func openSource(_ file: FileBytes, _ options: DecodingOptions) throws -> any PictureSource {
  guard let format = ImageFormat(magic: file.all) else {
    throw ReadingProblem(ForeignFile.whatItIs(file.all))
  }
  switch format {
  case .png:
    return PNGSource(file, options)
  case .jpeg:
    #if WORK_JPEG
      return JPEGSource(file)
    #else
      throw missing("JPEG", "libjpeg-dev")
    #endif
  case .tiff:
    #if WORK_TIFF
      return TIFFSource(file, options)
    #else
      throw missing("TIFF", "libtiff-dev")
    #endif
  case .gif:
    #if WORK_GIF
      return GIFSource(file, options)
    #else
      throw missing("GIF", "libgif-dev")
    #endif
  case .npy: return try NPYSource.open(file, options)
  case .npz: return try NPYSource.openArchive(file, options)
  case .metaImage: return try MetaImageSource.open(file, options)
  case .dicom: return try DICOMSource.open(file)
  }
}

/// What is said of a format that this build has no library for.
func missing(_ format: String, _ package: String) -> ReadingProblem {
  ReadingProblem(
    "this build has no \(format) reader: apt-get install \(package), then make build",
    namesFormat: true)
}
