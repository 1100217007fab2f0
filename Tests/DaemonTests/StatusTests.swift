import CoreMetrics
import Daemon
import Foundation
import Metrics
import Pipeline
import Testing

@Suite struct StatusServerTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Sendable private static func page(_ path: String) -> StatusAnswer? {
    path == "/here" ? StatusAnswer(body: "it\n") : nil
  }

  /// Sends bytes to a server and returns its whole answer.
  private func ask(_ request: String, at address: StatusAddress, pause: UInt32 = 0) throws -> String {
    let client = try connect(address)
    defer { close(client) }
    let half = request.utf8.count / 2
    _ = request.withCString { send(client, $0, half, Int32(MSG_NOSIGNAL)) }
    usleep(pause)
    _ = request.withCString { send(client, $0 + half, request.utf8.count - half, Int32(MSG_NOSIGNAL)) }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(client, &buffer, buffer.count, 0)
      if count <= 0 { break }
      answer += buffer[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
  }

  private func connect(_ address: StatusAddress) throws -> Int32 {
    let code: Int32
    let client: Int32
    switch address {
    case .unix(let path):
      client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var target = sockaddr_un()
      target.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      code = withUnsafePointer(to: &target) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Foundation.connect(client, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
    case .loopback(_, let port):
      client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var target = sockaddr_in()
      target.sin_family = sa_family_t(AF_INET)
      target.sin_port = port.bigEndian
      target.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      code = withUnsafePointer(to: &target) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Foundation.connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    try #require(code == 0)
    return client
  }

  private func serve(_ address: StatusAddress, token: String? = nil) throws -> StatusServer {
    let server = try StatusServer(address: address, token: token, answer: Self.page)
    server.start()
    return server
  }

  @Test func answersAndOnlyReads() throws {
    let address = StatusAddress.unix(folder.path + "/s")
    let server = try serve(address)
    defer { server.stop() }
    let get = try ask("GET /here?x=1 HTTP/1.1\r\nHost: x\r\n\r\n", at: address)
    #expect(get.hasPrefix("HTTP/1.1 200 OK\r\n") && get.hasSuffix("\r\n\r\nit\n"))
    let head = try ask("HEAD /here HTTP/1.1\r\n\r\n", at: address)
    #expect(head.contains("Content-Length: 3\r\n") && head.hasSuffix("\r\n\r\n"))
    let cases = [
      ("GET /nowhere HTTP/1.1\r\n\r\n", "404"), ("POST /here HTTP/1.1\r\n\r\n", "405"),
      ("DELETE /here HTTP/1.0\r\n\r\n", "405"), ("nonsense\r\n\r\n", "400"), ("GET /here SMTP\r\n\r\n", "400"),
      ("GET /" + String(repeating: "x", count: 20_000) + " HTTP/1.1\r\n\r\n", "431"),
    ]
    for (request, code) in cases {
      #expect(try ask(request, at: address).hasPrefix("HTTP/1.1 \(code) "), "\(request.prefix(20))")
    }
    #expect(try ask("GET /here HTTP/1.1\r\n\r\n", at: address, pause: 200_000).hasPrefix("HTTP/1.1 200"))
  }

  @Test func aSlowClientIsSentAway() throws {
    let address = StatusAddress.unix(folder.path + "/s")
    let server = try serve(address)
    defer { server.stop() }
    let silent = try connect(address)
    defer { close(silent) }
    #expect(try ask("GET /here HTTP/1.1\r\n\r\n", at: address).hasPrefix("HTTP/1.1 200"))
    var buffer = [UInt8](repeating: 0, count: 64)
    #expect(recv(silent, &buffer, buffer.count, 0) > 0)
    #expect(String(decoding: buffer, as: UTF8.self).hasPrefix("HTTP/1.1 408"))
  }

  @Test func tcpNeedsTheToken() throws {
    let server = try serve(.loopback(isIPv6: false, port: 0), token: "open sesame")
    defer { server.stop() }
    let address = StatusAddress.loopback(isIPv6: false, port: server.port)
    let ask = { (header: String) in try self.ask("GET /here HTTP/1.1\r\n\(header)\r\n", at: address) }
    for header in ["", "Authorization: Bearer open sesam\r\n", "Authorization: Basic open sesame\r\n"] {
      #expect(try ask(header).hasPrefix("HTTP/1.1 401"), "\(header)")
    }
    #expect(try ask("authorization: Bearer open sesame\r\n").hasPrefix("HTTP/1.1 200"))
  }

  @Test func addressesThatOthersCouldReachAreRefused() {
    for text in [
      "0.0.0.0:80", "192.168.1.2:80", "[::]:80", "localhost:80", "127.0.0.1", "127.0.0.1:99999", "unix:", "",
    ] {
      #expect(StatusAddress(text) == nil, "\(text)")
    }
    #expect(StatusAddress("[::1]:9100") == .loopback(isIPv6: true, port: 9100))
    #expect(StatusAddress("unix:/run/x") == .unix("/run/x"))
  }

  @Test func aSocketLeftBehindIsReplacedAndNothingElse() throws {
    let path = folder.path + "/s"
    let left = try StatusServer(address: .unix(path), token: nil) { _ in nil }
    #expect(throws: StatusError.self) { try StatusServer(address: .unix(path), token: nil) { _ in nil } }
    left.start()
    left.stop()
    #expect(!FileManager.default.fileExists(atPath: path))
    try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: StatusError.self) { try StatusServer(address: .unix(path), token: nil) { _ in nil } }
    #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
  }
}

@Suite struct StatusPagesTests {
  @Test func prometheusText() {
    let registry = PrometheusFactory()
    Counter(label: "c_total", dimensions: [("why", "a \"b\"")], factory: registry).increment(by: 3)
    Meter(label: "m", factory: registry).set(-0.5)
    let timer = Metrics.Timer(label: "t_seconds", factory: registry)
    timer.recordNanoseconds(3_000_000)
    timer.recordNanoseconds(9_000_000_000)
    let lines = registry.text.split(separator: "\n")
    #expect(lines.prefix(4) == ["# TYPE c_total counter", #"c_total{why="a \"b\""} 3.0"#, "# TYPE m gauge", "m -0.5"])
    #expect(lines.contains(#"t_seconds_bucket{le="0.002"} 0"#) && lines.contains(#"t_seconds_bucket{le="0.005"} 1"#))
    #expect(lines.contains(#"t_seconds_bucket{le="+Inf"} 2"#) && lines.contains("t_seconds_count 2"))
    #expect(lines.contains("t_seconds_sum 9.003"))
  }

  @Test func healthReadinessAndTracksFollowTheRun() throws {
    let health = RunHealth()
    let registry = PrometheusFactory()
    let metrics = RunMetrics(factory: registry)
    let pages = StatusPages(health: health, metrics: metrics, registry: registry, root: nil)
    #expect(pages.page("/readyz")?.status.hasPrefix("503") == true && pages.page("/healthz")?.status == "200 OK")
    #expect(pages.page("/tracks")?.body == "{}\n" && pages.page("/") == nil)
    health.note(TestFrames.frame(7, id: 3))
    metrics.note(.segment, seconds: 0.004)
    metrics.begin { RunLoad(waiting: [.write: 2], dropped: 4) }
    #expect(pages.page("/readyz")?.status == "200 OK")
    #expect(pages.page("/tracks")?.body.contains("\"frame\":7") == true)
    let text = try #require(pages.page("/metrics")).body
    for line in [
      "nem_frames_total 1.0", "nem_births_total 3.0", "nem_slots_used 1.0", #"nem_queue_frames{before="write"} 2.0"#,
      #"nem_stage_seconds_count{stage="segment"} 1"#, "nem_output_writable 1.0",
      #"nem_dropped_frames_total{reason="behind"} 4.0"#,
    ] { #expect(text.contains(line + "\n"), "\(line)") }
    health.note(TestFrames.frame(8))
    #expect(
      pages.page("/metrics")?.body.contains("nem_frames_total 2.0\n") == true, "counters follow, and do not add up")
    health.noteOutput(fault: "full")
    #expect(pages.page("/readyz")?.body.contains("not writing: full") == true)
    #expect(pages.page("/readyz")?.status.hasPrefix("503") == true)
  }
}
