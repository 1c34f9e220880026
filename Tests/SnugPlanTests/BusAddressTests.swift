import Testing

@testable import SnugPlan

struct BusAddressTests {
  @Test(
    arguments: [
      ("unix:path=/run/user/1000/bus", .path("/run/user/1000/bus")),
      ("unix:path=/run/user/1000/bus,guid=0123abcd", .path("/run/user/1000/bus")),
      ("unix:guid=0123abcd,path=/a", .path("/a")),
      ("unix:path=//a//b/", .path("/a/b")),
      ("unix:path=/a%20b%2C%3b", .path("/a b,;")),
      ("unix:path=/%c3%A9", .path("/é")),
      ("unix:abstract=/tmp/dbus-x1", .abstract(Array("/tmp/dbus-x1".utf8))),
      ("unix:abstract=a%00b", .abstract([0x61, 0, 0x62])),
      ("unix:runtime=yes", .runtime),
      ("tcp:host=h,port=1;unix:path=/a", .path("/a")),
      ("unix:path=/a;unix:path=/b", .path("/a")),
      ("unix:path=/a;", .path("/a")),
    ] as [(String, BusAddress)])
  func right(text: String, address: BusAddress) throws {
    #expect(try BusAddress(Array(text.utf8)) == address)
  }

  @Test(
    arguments: [
      ("", "empty"), (";", "empty"), ("unix", "no transport"), ("/run/bus", "no transport"), ("unix:", "no socket"),
      ("unix:guid=1", "no socket"), ("unix:path=", "not absolute"), ("unix:path=/", "not absolute"),
      ("unix:path=run/bus", "not absolute"), ("unix:path=/a/../b", "not absolute"), ("unix:path=/./b", "not absolute"),
      ("unix:path=/a%00b", "NUL"), ("unix:path=/a%ff", "UTF-8"), ("unix:path=/a b", "should have been"),
      ("unix:path=/a\u{1B}", "should have been"), ("unix:path=/é", "should have been"), ("unix:path=/a%2", "two hex"),
      ("unix:path=/a%zz", "two hex"), ("unix:path=/a%", "two hex"), ("unix:path=/a,path=/b", "twice"),
      ("unix:path=/a,abstract=b", "two sockets"), ("unix:path=/a,runtime=yes", "two sockets"),
      ("unix:runtime=no", "only be \"yes\""), ("unix:dir=/tmp", "where to listen"),
      ("unix:tmpdir=/tmp", "where to listen"),
      ("unix:foo=/tmp", "\"foo\" is no key"), ("unix:path", "KEY=VALUE"), ("unix:=x", "KEY=VALUE"),
      ("unix:path=/a,,", "KEY=VALUE"), ("unix:abstract=", "empty or too long"),
      ("unix:abstract=" + String(repeating: "a", count: 108), "empty or too long"),
      ("tcp:host=127.0.0.1,port=5", "\"tcp:\""), ("nonce-tcp:host=h", "\"nonce-tcp:\""),
      ("autolaunch:", "\"autolaunch:\""),
      ("unixexec:path=/bin/sh", "\"unixexec:\""), ("launchd:env=X", "\"launchd:\""), ("vsock:cid=2", "\"vsock:\""),
      ("systemd:", "\"systemd:\""), ("UNIX:path=/a", "\"UNIX:\""),
      // What comes second is not used where the first cannot be read.
      ("unix:path=/a b;unix:path=/c", "should have been"), ("unix:path=/a;unix:foo=1", "no key"),
    ])
  func wrong(text: String, reason: String) {
    do throws(BusAddressProblem) {
      let address = try BusAddress(Array(text.utf8))
      Issue.record("\(text) is \(address)")
    } catch {
      #expect(error.reason.contains(reason), "\(text): \(error.reason)")
    }
  }

  @Test func escapesAreReadBack() throws {
    let all = (1...255).map { UInt8($0) }
    for start in stride(from: 0, to: 255, by: 50) {
      let name = Array(all[start..<min(255, start + 50)])
      #expect(try BusAddress(Array("unix:abstract=".utf8) + escapedForAddress(name)) == .abstract(name))
    }
  }

  /// Whatever stands in the variable: it is read or refused, and a path is always clean.
  @Test func anyBytes() {
    var generator = SystemRandomNumberGenerator()
    let parts = [
      "unix:", "path=", "abstract=", "runtime=yes", "/", "..", "%", "%2f", "%00", ";", ",", "=", "a", "é", "tcp:",
    ]
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 0...8, using: &generator)).map { _ in parts.randomElement() ?? "" }.joined()
      guard case .path(let path)? = try? BusAddress(Array(text.utf8)) else { continue }
      #expect(path.hasPrefix("/") && !path.contains("//") && !path.contains("/..") && !path.contains("\0"), "\(text)")
    }
  }
}
