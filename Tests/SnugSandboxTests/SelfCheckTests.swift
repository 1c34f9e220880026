import SnugPlan
import Testing

@testable import SnugSandbox

@Suite struct SelfCheckTests {
  private let good = """
    Name:\tx
    Threads:\t1
    CapInh:\t0000000000000000
    CapPrm:\t0000000000000000
    CapEff:\t0000000000000000
    CapBnd:\t0000000000000000
    CapAmb:\t0000000000000000
    NoNewPrivs:\t1
    Seccomp:\t2
    Seccomp_filters:\t1

    """

  @Test func `a good status passes and each changed field is refused by name`() throws {
    try SelfCheck.judgeStatus(Array(good.utf8), filters: 1)
    for field in ["Threads", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"] {
      let changed = good.split(separator: "\n").map { $0.hasPrefix("\(field):") ? "\(field):\t7" : String($0) }
      let gone = good.split(separator: "\n").filter { !$0.hasPrefix("\(field):") }
      for lines in [changed, gone.map(String.init)] {
        do throws(KernelError) {
          try SelfCheck.judgeStatus(Array(lines.joined(separator: "\n").utf8), filters: 1)
          Issue.record("\(field) passed")
        } catch {
          #expect(error.reason.contains(field))
        }
      }
    }
    #expect(throws: KernelError.self) { try SelfCheck.judgeStatus(Array(good.utf8), filters: 2) }
    // Found by the fuzzer: what was told first did not count.
    for line in ["CapEff:\t00000000a80425fb\n", "Seccomp:\t0\n"] {
      for text in [line + good, good + line] {
        #expect(throws: KernelError.self) { try SelfCheck.judgeStatus(Array(text.utf8), filters: 1) }
      }
    }
  }

  private let root = AttachedMount(id: 10, attributes: [.readOnly, .noSetuid, .noDevices], carriesTree: false)
  private let tree = AttachedMount(id: 11, attributes: [.readOnly, .noSetuid, .noDevices], carriesTree: true)
  private let table = """
    10 5 0:40 / / ro,nosuid,nodev,relatime - tmpfs snug rw
    11 10 254:0 /usr /usr ro,nosuid,nodev,relatime - ext4 /dev/vda rw
    12 11 254:1 / /usr/local\\040x ro,nosuid,nodev,noexec - ext4 /dev/vdb rw

    """

  @Test func `the table as built passes, with what came in below a bind`() throws {
    try SelfCheck.judgeMounts(Array(table.utf8), [root, tree])
  }

  @Test func `every difference is refused`() {
    let cases: [(String, [AttachedMount])] = [
      ("cut at the end", [root, tree]), ("a mount more", [root]), ("a mount less", [root, tree, root]),
    ]
    #expect(cases.count == 3)
    func refuses(_ text: String, _ attached: [AttachedMount]) -> Bool {
      do throws(KernelError) {
        try SelfCheck.judgeMounts(Array(text.utf8), attached)
        return false
      } catch { return error.code == 0 }
    }
    #expect(refuses("", [root, tree]))
    #expect(refuses(String(table.dropLast()), [root, tree]))
    #expect(refuses(table, [root]))
    #expect(refuses(table, [root, tree, AttachedMount(id: 99, attributes: [], carriesTree: false)]))
    #expect(refuses(table.replacing("/usr/local\\040x ro", with: "/usr/local\\040x rw"), [root, tree]))
    #expect(refuses(table.replacing("/usr ro,nosuid", with: "/usr ro"), [root, tree]))
    #expect(refuses(table.replacing("relatime - ext4", with: "relatime shared:3 - ext4"), [root, tree]))
    #expect(refuses(table.replacing("relatime - ext4", with: "relatime master:3 - ext4"), [root, tree]))
    #expect(refuses(table + "x y z\n", [root, tree]))
    // One that comes twice does not stand in for one that is gone.
    let first = String(table.prefix { $0 != "\n" }) + "\n"
    #expect(refuses(first + first, [root, tree]))
    #expect(refuses(first + table, [root, tree]))
    #expect(refuses(table + "13 10 0:4 / /tmp ro,nosuid,nodev - tmpfs x rw\n", [root, tree]))
  }

  @Test func `a table cut at any byte is refused unless whole mounts below a bind are missing`() {
    let bytes = Array(table.utf8)
    for end in bytes.indices {
      do throws(KernelError) {
        try SelfCheck.judgeMounts(Array(bytes[..<end]), [root, tree])
        #expect(bytes[end - 1] == 10 && end > 100, "cut at \(end)")
      } catch { #expect(error.code == 0) }
    }
  }

  @Test func `namespaces are new where made and the host's where not`() throws {
    var host: [Namespace: String] = [:]
    var mine: [Namespace: String] = [:]
    for namespace in Namespace.allCases { (host[namespace], mine[namespace]) = ("a", "b") }
    mine[.network] = "a"
    let made = Namespace.allCases.filter { $0 != .network }
    try SelfCheck.judgeNamespaces(mine, host, made: made)
    #expect(throws: KernelError.self) { try SelfCheck.judgeNamespaces(mine, host, made: Namespace.allCases) }
    #expect(throws: KernelError.self) { try SelfCheck.judgeNamespaces(mine, host, made: [.user]) }
    mine[.pid] = nil
    #expect(throws: KernelError.self) { try SelfCheck.judgeNamespaces(mine, host, made: made) }
  }

  @Test func `maps say exactly one line`() throws {
    try SelfCheck.judgeMap(Array("      1000       1000          1\n".utf8), "uid_map", inside: 1000, outside: 1000)
    for text in ["", "0 1000 1\n", "1000 1000 2\n", "1000 1000 1\n1 1 1\n"] {
      #expect(throws: KernelError.self) {
        try SelfCheck.judgeMap(Array(text.utf8), "uid_map", inside: 1000, outside: 1000)
      }
    }
  }
}

@Suite struct WireTests {
  @Test func `a report that is cut is no report`() {
    let error = SetupError(
      step: .placeOps, op: 3, cause: KernelError("open", "/home/ü/\u{1b}x", code: 13))
    #expect(SetupError(encoded: error.encoded) == error)
    for end in 0..<error.encoded.count {
      let cut = SetupError(encoded: error.encoded[..<end])
      #expect(cut == nil || cut?.op == 3)
    }
    #expect(SetupError(encoded: [1, 2, 3]) == nil)
    #expect(SetupError(encoded: [102, 99] + [UInt8](repeating: 0, count: 20)) == nil)
  }
}
