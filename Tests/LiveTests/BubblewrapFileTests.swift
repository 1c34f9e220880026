import Glibc
import TestSupport
import Testing

private let denied = "2>&- || echo no"
private let mode = "stat -c %a"
private let size = "echo $(($(stat -f -c '%b*%S' /t)))"

extension Live {
  /// Options that put something into the new root, and what is there then.
  @Suite(.serialized) struct BubblewrapFileTests {
    private let bindRows = [
      BubblewrapRow("--bind WORK /w", "echo new >/w/new; cat /w/file WORK/new \(denied)", "text\nno\n"),
      BubblewrapRow("--bind WORK/file /a/b/f", "cat /a/b/f; \(mode) /a /a/b", "text\n755\n755\n"),
      BubblewrapRow("--bind-try WORK /w --bind-try WORK/not /n", "ls -d /w /n \(denied)", "/w\nno\n"),
      BubblewrapRow(
        "--bind WORK/file /f --bind /dev/null /n", "{ echo >/n; } \(denied); echo x >/f; cat /f", "no\nx\n"),
      BubblewrapRow("--dev-bind /dev/null /n", "echo x >/n && test -c /n && echo device", "device\n"),
      BubblewrapRow("--dev-bind-try /dev/null /n --dev-bind-try WORK/not /m", "echo >/n; ls /m \(denied)", "no\n"),
      BubblewrapRow("--ro-bind WORK /w", "touch /w/x \(denied); cat /w/file", "no\ntext\n"),
      BubblewrapRow(
        "--ro-bind-try WORK /w --ro-bind-try WORK/not /n", "touch /w/x \(denied); ls /n \(denied)", "no\nno\n"),
      BubblewrapRow("--bind WORK /w --ro-bind WORK/a /w/a", "touch /w/1; touch /w/a/1 \(denied)", "no\n"),
      BubblewrapRow("--ro-bind WORK /w --bind WORK/a /w/a", "touch /w/1 \(denied); touch /w/a/1", "no\n"),
      BubblewrapRow("--bind WORK /w --remount-ro /w", "touch /w/1 \(denied)", "no\n"),
      BubblewrapRow(
        "--tmpfs /t --bind WORK /t/w --remount-ro /t", "touch /t/1 \(denied); touch /t/w/1 && echo yes", "no\nyes\n"),
      BubblewrapRow("--remount-ro /", "mkdir /x \(denied)", "no\n"),
    ]

    @Test func `binds`() throws {
      let stage = try stage()
      for row in bindRows { try row.check(stage, try stage.boxFixture()) }
      #expect(stage.leftovers() == [])
    }

    private let fileSystemRows = [
      BubblewrapRow("--unshare-pid --proc /proc", "echo /proc/[0-9]*", "/proc/1 /proc/2\n"),
      BubblewrapRow("--proc /p/q", "test -d /p/q/self && echo yes", "yes\n"),
      BubblewrapRow(
        "--dev /dev --proc /proc", "cd /dev; echo *; readlink stdin fd core ptmx; test -c pts/ptmx && echo x >null",
        "core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero\n"
          + "/proc/self/fd/0\n/proc/self/fd\n/proc/kcore\npts/ptmx\n"),
      BubblewrapRow("--dev /dev --proc /proc", "echo x >/dev/shm/x && cat /dev/shm/x; \(mode) /dev/shm", "x\n755\n"),
      BubblewrapRow("--tmpfs /t/u", "touch /t/u/x && stat -f -c %T /t/u; \(mode) /t/u /t", "tmpfs\n755\n755\n"),
      BubblewrapRow("--perms 1777 --tmpfs /t/u", "\(mode) /t/u /t", "1777\n755\n"),
      BubblewrapRow("--perms 0700 --tmpfs /t/u", "\(mode) /t/u /t", "700\n700\n"),
      BubblewrapRow("--size 1048576 --tmpfs /t", "\(size)", "1048576\n"),
      BubblewrapRow(
        "--size 0x100000 --perms 0711 --tmpfs /t", "\(size); \(mode) /t", "1048576\n711\n"),
      BubblewrapRow("--perms 0711 --size 04000000 --tmpfs /t", "\(size)", "1048576\n"),
      BubblewrapRow("--unshare-ipc --mqueue /mq", "touch /mq/q && stat -f -c %T /mq", "mqueue\n"),
      BubblewrapRow(
        "--overlay-src WORK/a --overlay-src WORK/b --ro-overlay /o",
        "cat /o/both /o/a /o/b; touch /o/x \(denied)", "b\na\nb\nno\n"),
      BubblewrapRow("--overlay-src WORK/a --tmp-overlay /o", "echo x >/o/both; cat /o/both", "x\n"),
      BubblewrapRow(
        "--overlay-src WORK/a --overlay WORK/up WORK/work /o --bind WORK/up /up",
        "echo x >/o/both; cat /up/both", "x\n"),
    ]

    @Test func `file systems`() throws {
      let stage = try stage()
      for row in fileSystemRows { try row.check(stage, try stage.boxFixture()) }
      #expect(readText("\(try stage.boxFixture())/a/both") == "a\n", "an overlay changes none of its layers")
      #expect(stage.leftovers() == [])
    }

    private let fileRows = [
      BubblewrapRow("--dir /a/b", "\(mode) /a /a/b", "755\n755\n"),
      BubblewrapRow("--perms 0700 --dir /a/b", "\(mode) /a /a/b", "700\n700\n"),
      BubblewrapRow("--perms 0750 --dir /a/b", "\(mode) /a /a/b", "750\n750\n"),
      BubblewrapRow("--dir /a --perms 0700 --dir /a", "\(mode) /a", "755\n"),
      BubblewrapRow("--file 8 /a/f", "cat /a/f; \(mode) /a /a/f; echo x >>/a/f", "data755\n666\n", data: ["data"]),
      BubblewrapRow("--perms 0640 --file 8 /a/f", "\(mode) /a /a/f", "750\n640\n", data: [""]),
      BubblewrapRow("--bind-data 8 /f", "cat /f; \(mode) /f; echo x >/f; cat /f", "data600\nx\n", data: ["data"]),
      BubblewrapRow("--perms 0644 --bind-data 8 /f", "\(mode) /f", "644\n", data: ["data"]),
      BubblewrapRow(
        "--ro-bind-data 8 /f", "cat /f; \(mode) /f; { echo x >/f; } \(denied)", "data600\nno\n", data: ["data"]),
      BubblewrapRow(
        "--perms 0444 --ro-bind-data 9 /f --file 8 /g", "cat /f /g; \(mode) /f", "twoone444\n", data: ["one", "two"]),
      BubblewrapRow("--symlink x/../y /a/l", "readlink /a/l", "x/../y\n"),
      BubblewrapRow("--symlink x /l --symlink x /l", "readlink /l", "x\n"),
      BubblewrapRow("--dir /d --chmod 0711 /d", "\(mode) /d", "711\n"),
      BubblewrapRow("--chmod 0500 /", "\(mode) /", "500\n"),
      BubblewrapRow("--bind WORK /w --chmod 0600 /w/file", "\(mode) /w/file", "600\n"),
      BubblewrapRow("--symlink d /l --dir /d --dir /l/e", "ls /d", "e\n"),
      BubblewrapRow("--dir /r --dir /v --symlink /r /v/run --dir /v/run/x", "ls /r \(denied)", "x\n"),
      BubblewrapRow("--dir a/b --tmpfs c/", "ls -d /a/b /c", "/a/b\n/c\n"),
    ]

    @Test func `directories, files and links`() throws {
      let stage = try stage()
      for row in fileRows { try row.check(stage, try stage.boxFixture()) }
      #expect(stage.leftovers() == [])
    }

    @Test func `read-only reaches everything below a source`() throws {
      let stage = try stage()
      guard stage.isRoot else { return skip("only root can mount something below the source") }
      let folder = try stage.boxFixture()
      let words = stage.smallRoot + ["--ro-bind", folder, "/w", "--bind", folder, "/v"]
      for (place, access) in [("w", "ro"), ("v", "rw")] {
        let done = try stage.run(
          [stage.bwrap] + words + [
            "--proc", "/proc", "grep", "-c", " /\(place)/[0-9] \(access),", "/proc/self/mountinfo",
          ],
          mounts: (folder, 3))
        #expect(done.output == "3\n", "\(place): \(done.everything)")
      }
    }
  }
}
