// Which libraries of picture formats this program loads.

#if WORK_GIF
  import CGIFShim
#endif
#if WORK_JPEG
  import CJPEGShim
#endif
import CPNG
#if WORK_TIFF
  import CTIFFShim
#endif

extension ImageFile {
  /// The libraries and their versions, as in "1.6.39"; those whose formats this build can't read are
  /// not among them.
  package static var libraries: [(name: String, version: String)] {
    var found = [("libpng", String(cString: png_get_libpng_ver(nil)))]
    #if WORK_JPEG
      found.append(("libjpeg", String(cString: cjpeg_version())))
    #endif
    #if WORK_TIFF
      found.append(("libtiff", String(cString: ctiff_version())))
    #endif
    #if WORK_GIF
      found.append(("giflib", String(cString: cgif_version())))
    #endif
    return found
  }
}
