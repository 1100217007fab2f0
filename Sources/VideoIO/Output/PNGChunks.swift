import CFFmpeg

/// The frame that a PNG file has around its compressed rows.
enum PNGChunks {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// A file; `head` is what comes after the size: depth, kind of colours, and three times 0.
  static func file(width: Int, height: Int, head: [UInt8], palette: [RGB] = [], data: [UInt8]) -> [UInt8] {
    var file = signature
    append("IHDR", bigEndian(width) + bigEndian(height) + head, to: &file)
    if !palette.isEmpty { append("PLTE", palette.flatMap { [$0.red, $0.green, $0.blue] }, to: &file) }
    append("IDAT", data, to: &file)
    append("IEND", [], to: &file)
    return file
  }

  private static func append(_ name: StaticString, _ content: [UInt8], to file: inout [UInt8]) {
    file += bigEndian(content.count)
    let start = file.count
    name.withUTF8Buffer { file.append(contentsOf: $0) }
    file += content
    let table = av_crc_get_table(AV_CRC_32_IEEE_LE)
    let checksum = file[start...].withUnsafeBufferPointer { ~av_crc(table, ~0, $0.baseAddress, $0.count) }
    file += bigEndian(Int(checksum))
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
