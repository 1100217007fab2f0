import Foundation
import Kernels
import Testing
import VideoIO

/// `nem-stream generate`: the files, and that a run takes them.
@Suite struct GenerateTests {
  private struct Record: Decodable {
    var frames: Int
    var objects: Int
    var crossings: Int
  }

  /// The ids of all annotations of a folder, frame by frame.
  private func truth(_ place: Workplace, _ folder: String) throws -> [Image<UInt16>] {
    let annotations = place.url(folder + "/Annotations").path
    let names = try FileManager.default.contentsOfDirectory(atPath: annotations).sorted()
    #expect(names == names.indices.map { String(format: "%05d.png", $0) })
    return try names.map { try ImageFile.readGray16(annotations + "/" + $0) }
  }

  private func idCount(_ masks: [Image<UInt16>]) -> Int {
    masks.reduce(into: Set<UInt16>()) { $0.formUnion($1.pixels) }.subtracting([0]).count
  }

  @Test func silhouettes() throws {
    let place = try Workplace()
    let line = "nem-stream generate silhouettes --seed 7 --objects 4 --frames 110 --warm-up 30 --count 2 --out"
    try place.succeed("\(line) a && \(line) b && diff -r a b && ! cmp -s a/000/video.mkv a/001/video.mkv")
    let truth = try truth(place, "a/000")
    #expect(truth.count == 110 && truth[..<30].allSatisfy { $0.pixels.allSatisfy { $0 == 0 } })
    let decoder = JSONDecoder()
    let record = try decoder.decode(Record.self, from: Data(contentsOf: place.url("a/000/scene.json")))
    #expect(record.frames == 110 && record.objects == idCount(truth) && record.objects > 2)
    try place.succeed("nem-stream a/000/video.mkv --masks out --model none")
    let frames = try MaskFolder(place, "out").frames()
    #expect(frames.count == 110 && frames[100].objects.count > 1)
  }

  @Test func badUseOfSilhouettes() throws {
    let place = try Workplace()
    for option in [
      "--objects 8..3", "--objects x", "--objects 3..", "--objects 40", "--objects 0..9223372036854775807", "--count 0",
      "--frames 0", "--warm-up 301", "--out ''",
    ] {
      #expect(try place.run("nem-stream generate silhouettes --out a \(option)").status == 64, "\(option)")
    }
    try place.succeed("nem-stream generate silhouettes --frames 3 --warm-up 0 --out a")
    try place.fail("nem-stream generate silhouettes --frames 3 --warm-up 0 --out a", 73, saying: "a/000")
    try place.fail("nem-stream generate silhouettes --out /proc/a", 73, saying: "cannot create")
  }

  private func luma(_ path: String) throws -> [Image<UInt8>] {
    let reader = try VideoReader(path)
    var pictures: [Image<UInt8>] = []
    while let frame = try reader.next() { pictures.append(frame.luma()) }
    return pictures
  }

  private func mirrored<Pixel>(_ image: Image<Pixel>) -> Image<Pixel> {
    let rows = (0..<image.height).map { image.pixels[$0 * image.width..<($0 + 1) * image.width] }
    return Image(width: image.width, height: image.height, pixels: rows.flatMap { $0.reversed() })
  }

  @Test(arguments: [12, -12]) func compositeIsTheUnion(_ shift: Int) throws {
    let place = try Workplace()
    try place.succeed("nem-stream generate silhouettes --seed 2 --objects 8 --frames 70 --warm-up 0 --out a")
    try place.succeed("nem-stream generate composite a/000 --mirror --shift \(shift) --out b")
    let (ids, pictures) = (try truth(place, "a/000"), try luma(place.url("a/000/video.mkv").path))
    let (found, composite) = (try truth(place, "b"), try luma(place.url("b/video.mkv").path))
    #expect(found.count == 70 && composite.count == 70)
    let greatest = ids.compactMap { $0.pixels.max() }.max()!
    for index in 0..<70 {
      var (expectedIDs, expected) = (ids[index], pictures[index])
      if ids.indices.contains(index - shift) {
        let (copy, front) = (mirrored(ids[index - shift]), mirrored(pictures[index - shift]))
        for (pixel, id) in copy.pixels.enumerated() where id != 0 {
          (expectedIDs.pixels[pixel], expected.pixels[pixel]) = (id + greatest, front.pixels[pixel])
        }
      }
      #expect(found[index] == expectedIDs && composite[index] == expected, "frame \(index)")
    }
    let record = try JSONDecoder().decode(Record.self, from: Data(contentsOf: place.url("b/scene.json")))
    #expect(record.crossings > 0 && record.objects == idCount(found))
  }

  /// Pictures in colour, numbered from 7 on, with masks for all but the first; 255 is unknown.
  @Test func compositeOfPicturesInColour() throws {
    let place = try Workplace()
    try place.succeed("mkdir -p a/masks a/input")
    for number in 7..<12 {
      var mask = Image<UInt8>(width: 20, height: 8, fill: 0)
      for x in 2..<6 { mask[x + number - 7, 3] = x == 2 ? 255 : 9 }
      if number > 7 { try PNGFile.write(mask, to: place.url("a/masks/m\(number).png").path) }
      let colour = RGB(red: UInt8(20 * number), green: 30, blue: 200)
      try PNGFile.write(Image(width: 20, height: 8, fill: colour), to: place.url("a/input/p\(number).png").path)
    }
    try place.succeed("nem-stream generate composite a --shift 1 --out b && nem-stream generate composite a --out c")
    let found = try truth(place, "b")
    #expect(found.count == 4)
    #expect(Array(found[2].pixels[60..<72]) == [0, 0, 0, 0, 0, 18, 18, 18, 9, 0, 0, 0])
    let frame = try #require(try VideoReader(place.url("b/video.mkv").path).next())
    #expect(!frame.isGray && frame.isFullRange)
    try place.succeed(": > a/tracklets.json && nem-stream generate composite a --shift 1 --out d")
    try place.succeed("grep -q '\"264\":\\[1,3\\]' d/tracklets.json")
    #expect(try truth(place, "d")[0].pixels.contains(255), "tracklets may have this id")
  }

  @Test func badUseOfComposites() throws {
    let place = try Workplace()
    try place.succeed("nem-stream generate silhouettes --frames 20 --warm-up 0 --out a && mkdir -p empty/masks")
    for options in [
      "--shift 0", "--shift 20", "--shift -20", "--shift x", "--shift -9223372036854775808", "--pictures ''",
    ] {
      #expect(try place.run("nem-stream generate composite a/000 --out b \(options)").status == 64, "\(options)")
    }
    try place.fail("nem-stream generate composite nowhere --out b", 66, saying: "nowhere")
    try place.fail("nem-stream generate composite empty --out b", 66, saying: "empty")
    try place.fail("nem-stream generate composite a/000 --pictures empty --out b", 66, saying: "--pictures")
    try place.fail("nem-stream generate composite a/000 --pictures $SHORT --out b", 65, saying: "320×180")
    try place.fail("nem-stream generate composite a/000 --mirror --out a/000", 73, saying: "a/000")
    #expect(!FileManager.default.fileExists(atPath: place.url("b").path))
  }
}
