// Replacing and finding text scalar by scalar. By Characters, as Swift has it, a quote with an accent behind it is another
// character: it would leave a shell's word, a literal or a comment unescaped.

extension String {
  /// The text with another one in the place of each occurrence of `old`, whatever stands behind that.
  package func replacingExactly(_ old: String, with new: String) -> String {
    guard !old.isEmpty, utf8.count >= old.utf8.count else { return self }
    let (text, old) = (Array(utf8), Array(old.utf8))
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var at = 0
    while at < text.count {
      if text[at] == old[0], text[at...].starts(with: old) {
        result += new.utf8
        at += old.count
      } else {
        result.append(text[at])
        at += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
