// The instructions of pickles (Python's pickletools describes them), by name.

/// The instructions that are obeyed: those that build plain values, and the two calls that tensors need.
enum PickleCode: UInt8 {
  case mark = 0x28, stop = 0x2E, pop = 0x30, popMark = 0x31, dup = 0x32
  case float = 0x47, int4 = 0x4A, int1 = 0x4B, int2 = 0x4D, none = 0x4E
  case persistent = 0x51, reduce = 0x52, text4 = 0x58, append = 0x61, build = 0x62
  case global = 0x63, dict = 0x64, appends = 0x65, get1 = 0x68, get4 = 0x6A
  case list = 0x6C, put1 = 0x71, put4 = 0x72, setItem = 0x73, tuple = 0x74
  case setItems = 0x75, emptyDict = 0x7D, emptyList = 0x5D, emptyTuple = 0x29
  case proto = 0x80, tuple1 = 0x85, tuple2 = 0x86, tuple3 = 0x87
  case yes = 0x88, no = 0x89, long1 = 0x8A, text1 = 0x8C, stackGlobal = 0x93
  case memoize = 0x94, frame = 0x95

  /// An instruction's name, for those that are refused.
  static func name(_ byte: UInt8) -> String {
    let name = others[byte].map { "instruction \($0)" } ?? "unknown instruction"
    let digits = String(byte, radix: 16)
    return "\(name) (0x\(digits.count < 2 ? "0" : "")\(digits))"
  }

  private static let others: [UInt8: String] = [
    0x46: "FLOAT", 0x49: "INT", 0x4C: "LONG", 0x50: "PERSID", 0x53: "STRING", 0x54: "BINSTRING",
    0x55: "SHORT_BINSTRING", 0x56: "UNICODE", 0x42: "BINBYTES", 0x43: "SHORT_BINBYTES",
    0x67: "GET", 0x69: "INST", 0x6F: "OBJ", 0x70: "PUT", 0x81: "NEWOBJ", 0x82: "EXT1",
    0x83: "EXT2", 0x84: "EXT4", 0x8B: "LONG4", 0x8D: "BINUNICODE8", 0x8E: "BINBYTES8",
    0x8F: "EMPTY_SET", 0x90: "ADDITEMS", 0x91: "FROZENSET", 0x92: "NEWOBJ_EX",
    0x96: "BYTEARRAY8", 0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
  ]
}
