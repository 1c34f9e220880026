import CSnug
import Glibc
import TestSupport
import Testing

@testable import SnugSandbox

/// The copier between two directories of a test's own, without a sandbox.
@Suite struct CopierTests {
  private let folder: RuntimeFolder

  init() throws {
    folder = try RuntimeFolder()
    try shell("mkdir from to")
  }

  @discardableResult
  private func shell(_ line: String) throws -> String {
    let done = try spawn(["/bin/sh", "-ec", "umask 022; cd '\(folder.path)'; " + line])
    try #require(done.status == 0, "\(line): \(done.everything)")
    return done.output
  }

  private func opened(_ name: String) -> Copier.Place {
    let file = Int32(csnug_open(folder.path + "/" + name, true, true))
    #expect(file >= 0)
    return Copier.Place(file, path: name)
  }

  /// Copies `from/NAME` to `to/NAME`; what could not be copied.
  private func copy(
    _ name: String = "tree", to target: String? = nil, links: Copier.LinkRule = .within, into: String = "to",
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> [String] {
    let (source, directory) = (opened("from/" + name), opened(into))
    defer { for place in [source, directory] { close(place.descriptor) } }
    var problems: [String] = []
    var copier = Copier(links: links, isCancelled: isCancelled) { problems.append($0.message) }
    copier.copy(source, into: directory, as: FileName(target ?? name))
    return problems
  }

  /// Path, type, mode, seconds of change and text of link of everything below.
  private func listing(_ top: String) throws -> String {
    try shell("cd \(top); find . -printf '%p %y %m %T@ %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0r cat")
  }

  @Test func `a tree arrives as it was`() throws {
    // A name that is no UTF-8 is one that the folder's own end would not find.
    defer { _ = try? shell("rm -rf from to") }
    try shell(
      """
      mkdir -p from/tree/deep/empty from/tree/closed; cd from/tree; echo one > deep/one; printf 'a\\n' > "$(printf 'b\\377')"
      printf 'x' > 'new
      line'; ln -s deep/one near; ln -s ../near deep/up; ln -s nothing broken; echo run > run; echo closed > closed/file
      chmod 755 run; chmod 400 closed/file; chmod 555 closed; touch -d '2001-02-03 04:05:06.789 UTC' run deep/empty deep
      """)
    #expect(try copy() == [])
    #expect(try listing("to/tree") == listing("from/tree"))
    #expect(try listing("to/tree").contains("./run f 755 981173106.789"))
    #expect(names(in: folder.path + "/to") == ["tree"])
    // Once more over what is there, and with what is in it alone.
    try shell(
      "chmod 755 from/tree/closed to/tree/closed; echo two > from/tree/deep/one; rm to/tree/run; touch to/tree/own")
    #expect(try copy() == [])
    #expect(try shell("cat to/tree/deep/one; ls to/tree/own to/tree/run") == "two\nto/tree/own\nto/tree/run\n")
    let (source, target) = (opened("from/tree"), opened("to"))
    defer { for place in [source, target] { close(place.descriptor) } }
    var copier = Copier(links: .within) { Issue.record("\($0)") }
    copier.copy(source, into: target, as: nil)
    #expect(try shell("cat to/deep/one") == "two\n")
  }

  @Test func `set-id bits stay behind`() throws {
    try shell("mkdir from/tree; echo x > from/tree/file; chmod 6755 from/tree/file; chmod 7775 from/tree")
    #expect(try copy() == [])
    #expect(try shell("stat -c %a to/tree to/tree/file") == "775\n755\n")
  }

  @Test func `what is no file is told and the rest is copied`() throws {
    try shell("mkdir from/tree; cd from/tree; echo a > a; mkfifo pipe; echo z > z; ln -s /etc/passwd out")
    let path = folder.path + "/from/tree/socket"
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    #expect(
      withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, length) }
      } == 0)
    #expect(
      try copy() == [
        "cannot copy from/tree/out: it is a symbolic link that leads out of what is copied, to /etc/passwd",
        "cannot copy from/tree/pipe: it is a named pipe; only files, directories and links are copied",
        "cannot copy from/tree/socket: it is a socket; only files, directories and links are copied",
      ])
    #expect(try shell("ls -A to/tree") == "a\nz\n")
    #expect(try copy("tree/pipe", to: "pipe").count == 1)
    let device = Int32(csnug_open("/dev/null", true, true))
    let target = opened("to")
    defer { for file in [device, target.descriptor] { close(file) } }
    var problems: [String] = []
    var copier = Copier(links: .within) { problems.append($0.message) }
    copier.copy(Copier.Place(device, path: "null"), into: target, as: FileName("null"))
    #expect(problems == ["cannot copy null: it is a device; only files, directories and links are copied"])
    let told = Int32(csnug_open("/proc/self/status", true, true))
    defer { close(told) }
    copier.copy(Copier.Place(told, path: "status"), into: target, as: FileName("status"))
    #expect(problems.last == "cannot copy status: it is no file but what proc tells")
    #expect(try shell("ls -A to") == "tree\n")
  }

  @Test(arguments: [
    ("a", 0, true), ("a/b", 0, true), ("./a//b", 0, true), ("../a", 1, true), ("../../a/b", 2, true), ("..", 1, true),
    ("./../a", 1, true), ("...", 0, true), ("", 3, false), ("/a", 3, false), ("..", 0, false), ("../a", 0, false),
    ("../../a", 1, false), ("a/..", 0, false), ("a/../../b", 3, false), ("../a/..", 3, false),
  ])
  func `a link stays within a tree or not`(link: String, depth: Int, stays: Bool) {
    #expect(staysWithin(Array(link.utf8), depth: depth) == stays)
  }

  /// Whatever such links stand beside each other: the kernel, which follows them, never comes out.
  @Test func `links that are kept lead nowhere else`() throws {
    var numbers = Numbers(state: 7)
    let parts = ["..", ".", "a", "b", "c", "..", "a"]
    var kept = 0
    for round in 0..<40 {
      try shell("rm -rf from/tree to/tree; mkdir -p from/tree/a/b/c from/tree/b/a from/tree/c")
      for directory in ["", "a/", "a/b/", "b/", "b/a/", "a/b/c/", "c/"] {
        for index in 0..<4 {
          let text = (0..<Int.random(in: 1...5, using: &numbers)).map { _ in
            Bool.random(using: &numbers)
              ? parts[Int.random(in: 0..<parts.count, using: &numbers)]
              : "l\(Int.random(in: 0..<4, using: &numbers))"
          }
          #expect(symlink(text.joined(separator: "/"), "\(folder.path)/from/tree/\(directory)l\(index)") == 0)
        }
      }
      _ = try copy()
      let top = folder.path + "/to/tree"
      for link in try shell("find to/tree -type l").split(separator: "\n") {
        let file = Int32(csnug_open("\(folder.path)/\(link)", true, true))
        if file < 0 { continue }
        kept += 1
        let path = linkText("/proc/self/fd/\(file)") ?? ""
        #expect(path == top || path.hasPrefix(top + "/"), "\(round): \(link) leads to \(path)")
        close(file)
      }
    }
    #expect(kept > 50, "there are such links: \(kept)")
  }

  @Test func `nothing is written through what stands there`() throws {
    try shell(
      """
      mkdir -p from/tree/folder outside to/tree; echo new > from/tree/file; echo new > from/tree/folder/file
      echo old > outside/file; ln -s ../../outside/file to/tree/file; ln -s ../../outside to/tree/folder
      mkdir to/tree/pipe; echo x > from/tree/pipe; mkfifo to/tree/other; echo x > from/tree/other; mkdir from/tree/plain
      echo kept > to/tree/plain
      """)
    #expect(
      try copy() == [
        "cannot write to/tree/folder: a symbolic link stands in its place",
        "cannot write to/tree/other: a named pipe stands in its place",
        "cannot write to/tree/pipe: a directory stands in its place",
        "cannot write to/tree/plain: a file stands in its place",
      ])
    #expect(try shell("cat outside/file to/tree/file to/tree/plain; ls -A outside") == "old\nnew\nkept\nfile\n")
    #expect(try shell("find to -name '.snug*'") == "")
  }

  @Test func `a directory is not copied into itself for ever`() throws {
    try shell("mkdir -p from/tree/sub; echo x > from/tree/file")
    #expect(
      try copy(into: "from/tree/sub") == ["cannot copy from/tree/sub/tree: it is what everything is copied to"])
    #expect(try shell("cd from/tree/sub; find . -type f") == "./tree/file\n")
    #expect(try copy(into: "from") == ["cannot copy from/tree: it is the same directory"])
    #expect(try copy("tree/file", to: "file", into: "from/tree") == ["cannot copy from/tree/file: it is the same file"])
  }

  @Test func `holes stay holes`() throws {
    try shell(
      """
      cd from; truncate -s 1G big; printf mid | dd of=big bs=1 seek=500000000 conv=notrunc status=none
      truncate -s 3000000000 hole; printf begin > tail; truncate -s 10000000 tail; : > empty
      """)
    for name in ["big", "hole", "tail", "empty"] { #expect(try copy(name) == []) }
    try shell("for f in big tail empty; do cmp from/$f to/$f; done; [ $(stat -c %s to/hole) = 3000000000 ]")
    let blocks = try shell("stat -c %b to/*").split(separator: "\n").compactMap { Int($0) }
    #expect(blocks.count == 4 && blocks.allSatisfy { $0 < 2000 }, "\(blocks)")
  }

  @Test func `a tree that is too deep is cut and told`() throws {
    try shell("cd from; i=0; while [ $i -lt 420 ]; do mkdir d; cd -P d; i=$((i+1)); done; cd ..; echo x > file")
    let problems = try copy("d")
    #expect(problems.count == 1 && problems[0].hasSuffix("it lies more than 400 directories deep"), "\(problems)")
  }

  // MARK: - What happens meanwhile

  /// Copies a file of 1 MiB, of which the body changes something after the first part.
  private func copyMeanwhile(_ body: @escaping (_ file: String) -> Void) throws -> (problems: [String], size: Int?) {
    try shell("head -c 1048576 /dev/urandom > from/file")
    let path = folder.path + "/from/file"
    var asked = 0
    let problems = try copy("file") {
      asked += 1
      // The first part is read by then.
      if asked > 1 { body(path) }
      return false
    }
    #expect(asked > 1)
    var facts = stat()
    return (problems, stat(folder.path + "/to/file", &facts) == 0 ? facts.st_size : nil)
  }

  @Test func `a file that grows is copied as long as it was`() throws {
    let done = try copyMeanwhile { path in
      let file = open(path, O_WRONLY | O_APPEND)
      _ = write(file, [UInt8](repeating: 1, count: 1 << 20), 1 << 20)
      close(file)
    }
    #expect(done.problems == [] && done.size == 1 << 20)
  }

  @Test func `a file that becomes shorter is told and left out`() throws {
    let done = try copyMeanwhile { truncate($0, 10) }
    #expect(done.problems == ["cannot copy from/file: it became shorter while it was copied"] && done.size == nil)
    #expect(try shell("ls -A to") == "")
  }

  @Test func `a file whose name is taken by another is the one that was judged`() throws {
    try shell("echo secret > secret")
    let secret = folder.path + "/secret"
    let done = try copyMeanwhile { path in
      unlink(path)
      symlink(secret, path)
    }
    #expect(done.problems == [] && done.size == 1 << 20)
  }

  @Test func `one that is cancelled leaves nothing half done`() throws {
    try shell(
      "mkdir from/tree; echo a > from/tree/a; head -c 1048576 /dev/zero | tr '\\0' x > from/tree/b; echo c > from/tree/c"
    )
    let target = folder.path + "/to/tree"
    var drafts = 0
    let problems = try copy {
      let draft = names(in: target)?.first { $0.hasPrefix(".snug-cp-") }
      var facts = stat()
      if let draft, stat(target + "/" + draft, &facts) == 0, facts.st_size > 1000 { drafts += 1 }
      return drafts > 0
    }
    #expect(drafts > 0 && problems == [])
    #expect(try shell("ls -A to/tree") == "a\n")
  }

  @Test func `what is taken away before it has its name is told`() throws {
    try shell(
      "mkdir from/tree; echo a > from/tree/a; head -c 100000 /dev/zero | tr '\\0' x > from/tree/b; echo c > from/tree/c"
    )
    let target = folder.path + "/to/tree"
    var isGone = false
    let problems = try copy {
      let draft = names(in: target)?.first { $0.hasPrefix(".snug-cp-") }
      if let draft, !isGone, names(in: target)?.contains("a") == true {
        unlink(target + "/" + draft)
        isGone = true
      }
      return false
    }
    #expect(isGone && problems == ["cannot write to/tree/b: No such file or directory"])
    #expect(try shell("ls -A to/tree") == "a\nc\n")
  }
}
