import Daemon
import Kernels
import VideoIO

extension Settings {
  /// 255 where something may move: inside the region, and where the picture is not concealed. Nil for everywhere. Throws
  /// `unsuitable` where no pixel lies in the region.
  func watchedPixels(_ info: VideoInfo, concealed: Image<UInt8>?) throws(VideoError) -> Image<UInt8>? {
    let inside = region.flatMap { PictureRegion($0) }?
      .mask(width: info.width, height: info.height, sourceWidth: info.sourceWidth, sourceHeight: info.sourceHeight)
    if let inside, let region, !inside.pixels.contains(255) {
      throw .unsuitable(
        "the region \(region)", reason: "no pixel of the picture of \(info.sourceWidth)x\(info.sourceHeight) lies in it"
      )
    }
    guard let concealed else { return inside }
    var watched = inside ?? Image(width: info.width, height: info.height, fill: 255)
    for y in 0..<info.height {
      let row = y * concealed.height / info.height
      for x in 0..<info.width where concealed[x * concealed.width / info.width, row] != 0 { watched[x, y] = 0 }
    }
    return watched
  }
}
