import Foundation
import Testing

import VideoIO

/// What an argument names, and that no secret in it is shown.
@Suite struct SourceAddressTests {
  @Test(arguments: [
    ("rtsp://user:secret@host/1", "rtsp://user:***@host/1"),
    ("rtsp://user:se:cret@host:554/1?a=b", "rtsp://user:***@host:554/1?a=b"),
    ("rtsp://user:se/cret@host/1", "rtsp://user:***@host/1"),
    ("rtsp://user:secret@[::1]:554/1", "rtsp://user:***@[::1]:554/1"),
    ("rtsp://:secret@host/1", "rtsp://:***@host/1"),
    ("http://host/cgi?user=me&pwd=secret&size=1", "http://host/cgi?user=me&pwd=***&size=1"),
    ("input: rtsp://user:se?cret@host:1/x", "input: rtsp://user:***@host:1/x"),
    ("http://host/?accessToken=secret", "http://host/?accessToken=***"),
    (
      "[tcp @ 0x1] Connection to tcp://u:secret@host:1?x=1 failed, tcp://v:secret@h",
      "[tcp @ 0x1] Connection to tcp://u:***@host:1?x=1 failed, tcp://v:***@h"
    ),
    ("rtsp://user@host/1", "rtsp://user@host/1"), ("http://host:8080/a", "http://host:8080/a"),
    // What may be a port and a path, or a password with a slash in it, is hidden.
    ("http://host:8080/a@b", "http://host:***@b"),
    ("http://host/a:b@c", "http://host/a:b@c"), ("no URL: a:b@c", "no URL: a:b@c"), ("", ""), ("://", "://"),
  ])
  func secretsAreNotShown(_ text: String, _ shown: String) { #expect(Redaction.redact(text) == shown) }

  /// An address is one URL, even where its password could end one.
  @Test(arguments: [
    ("rtsp://user:se?cret@host:1/x", "rtsp://user:***@host:1/x"),
    ("rtsp://user:my secret@host/x", "rtsp://user:***@host/x"),
    ("http://user:se\"<c>ret@host/x?token=secret&size=1", "http://user:***@host/x?token=***&size=1"),
    ("http://host:80/x?mail=a@b", "http://host:80/x?mail=a@b"), ("a clip.mp4", "a clip.mp4"),
  ])
  func addressesShowNoSecrets(_ text: String, _ shown: String) { #expect(SourceAddress(text).description == shown) }

  @Test func passwordsFromElsewhere() {
    let address = SourceAddress("rtsp://user@host/1").with(password: "a@b:c/d")
    #expect(address.target == "rtsp://user:a%40b%3Ac%2Fd@host/1")
    #expect(address.description == "rtsp://user:***@host/1")
    for text in ["rtsp://user:own@host/1", "rtsp://host/1@2", "clip.mp4"] {
      #expect(SourceAddress(text).with(password: "secret").target == text)
    }
  }

  @Test func kinds() throws {
    let folder = try ScratchFolder()
    #expect(SourceAddress("-").kind == .standardInput)
    #expect(SourceAddress("clip.mp4").kind == .file)
    #expect(SourceAddress("http://host/").kind == .network(scheme: "http"))
    #expect(SourceAddress("RTSP://host/").kind == .network(scheme: "rtsp"))
    #expect(SourceAddress("/dev/video7").kind == .device(format: "v4l2"))
    #expect(SourceAddress("x11grab::0.0").target == ":0.0")
    #expect(SourceAddress("file:///tmp/a%20b").target == "/tmp/a b")
    let pipe = folder.path("pipe")
    mkfifo(pipe, 0o600)
    #expect(SourceAddress(pipe).kind == .namedPipe)
    #expect(SourceAddress("file:" + pipe).kind == .namedPipe)
  }

  /// Names of outputs, none of which leads out of its folder.
  @Test(arguments: [
    ("a/clip.mp4", "clip"), ("...mp4", "...mp4"), ("..mp4", "..mp4"), (".mp4", ".mp4"), ("..", "input"),
  ])
  func stems(_ text: String, _ stem: String) { #expect(SourceAddress(text).stem == stem) }

  @Test func backOffStaysWithinItsBounds() {
    for _ in 0..<100 {
      var backOff = BackOff()
      let delays = (0..<9).map { _ in backOff.next() }
      #expect(delays[0] == 1)
      for (index, delay) in delays.enumerated() {
        let longest = min(30, Double(1 << index))
        #expect(max(1, longest / 2)...longest ~= delay)
      }
      backOff.reset()
      #expect(backOff.next() == 1)
    }
  }
}
