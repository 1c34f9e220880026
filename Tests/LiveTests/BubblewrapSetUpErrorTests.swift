import Glibc
import TestSupport
import Testing

/// What can go wrong while a sandbox is set up, and the words for it; `WORK` is the fixture's folder.
private let failures: [(options: String, message: String)] = [
  ("--bind /not /x true", "Can't find source path /not: No such file or directory"),
  ("--ro-bind WORK/closed/x /x true", "Can't find source path WORK/closed/x: Permission denied"),
  ("--bind-fd 99 /x true", "Can't find source path /proc/self/fd/99: Bad file descriptor"),
  ("--dir /usr/x true", "Can't mkdir /usr/x: Read-only file system"),
  ("--bind WORK /usr/x/y true", "Can't mkdir parents for /usr/x/y: Read-only file system"),
  ("--ro-bind WORK/file /f --dir /f/x true", "Can't mkdir parents for /f/x: Not a directory"),
  ("--ro-bind WORK/file /f --dir /f true", "Can't mkdir /f: Not a directory"),
  ("--ro-bind WORK/file /f --tmpfs /f true", "Can't mkdir /f: Not a directory"),
  ("--ro-bind WORK/file /f --dev /f true", "Can't mkdir /f: Not a directory"),
  ("--dir /d --bind WORK/file /d true", "Can't create file at /d: Is a directory"),
  ("--bind WORK/file /usr/x true", "Can't create file at /usr/x: Read-only file system"),
  ("--dir /d --file 0 /d true", "Can't create file /d: Is a directory"),
  ("--file 99 /f true", "Can't write data to file /f: Bad file descriptor"),
  ("--symlink a /l --symlink b /l true", "Can't make symlink at /l: existing destination is a"),
  ("--dir /l --symlink b /l true", "Can't make symlink at /l: destination exists and is not a symlink"),
  ("--symlink b /usr/l true", "Can't make symlink at /usr/l: Read-only file system"),
  ("--chmod 0700 /not true", "Can't chmod 0700 /not: No such file or directory"),
  ("--chmod 0700 /usr true", "Can't chmod 0700 /usr: "),
  ("--remount-ro /not true", "Can't remount readonly on /newroot/not: No such file or directory"),
  ("--remount-ro /usr/share true", "Can't remount readonly on /newroot/usr/share: nothing is mounted there"),
  (
    "--symlink /not /l --bind WORK /l true",
    "Can't bind mount /oldrootWORK on /newroot/l: Unable to mount source on destination"
  ),
  ("--mqueue /mq true", "Can't mount mqueue on /newroot/mq: Operation not permitted"),
  (
    "--overlay-src WORK/up --overlay WORK/up WORK/work /o true",
    "Can't make overlay mount on /newroot/o: Overlay directories may not overlap"
  ),
  ("--unshare-uts --hostname LONG true", "Can't set hostname to LONG: Invalid argument"),
  ("--assert-userns-disabled true", "creation of new user namespaces was not disabled as requested"),
  ("--userns 99 true", "Joining specified user namespace failed: Bad file descriptor"),
  ("--userns2 99 true", "Setting userns2 failed: Bad file descriptor"),
  ("--pidns 99 true", "Setting pidns failed: Bad file descriptor"),
  ("--seccomp 99 true", "Can't read seccomp data: Bad file descriptor"),
  ("--args 99 true", "Can't read --args data: Bad file descriptor"),
  ("--info-fd 99 true", "Write to info_fd: Bad file descriptor"),
  ("--json-status-fd 99 true", "Write to json_status_fd: Bad file descriptor"),
  ("--block-fd 99 true", "Can't read from --block-fd: Bad file descriptor"),
  ("--lock-file /not true", "Unable to open lock file /not: No such file or directory"),
  ("--chdir /not true", "Can't chdir to /not: No such file or directory"),
  ("not-a-program", "execvp not-a-program: No such file or directory"),
  ("/usr/share", "execvp /usr/share: Permission denied"),
  ("--exec-label x true", "labeling not supported on this system"),
]

extension Live {
  /// Set-ups that fail: one line in the words that bubblewrap's callers look for, status 1, and nothing left.
  @Suite(.serialized) struct BubblewrapSetUpErrorTests {
    @Test func `each says what it is in one line, and ends with status 1`() throws {
      let stage = try stage()
      let folder = try stage.boxFixture()
      try stage.outside(shell: "mkdir -m 0 \(folder)/closed")
      let long = String(repeating: "a", count: 100)
      func fill(_ text: String) -> String { text.replacing("WORK", with: folder).replacing("LONG", with: long) }
      for failure in failures {
        for level in [[], ["--level-prefix"]] {
          let done = try stage.box(level + fill(failure.options).split(separator: " ").map(String.init))
          #expect(done.status == 1 && done.output == "", "\(failure.options): \(done.everything)")
          let start = (level.isEmpty ? "" : "<3>") + "bwrap: " + fill(failure.message)
          #expect(done.errors.hasPrefix(start), "\(failure.options): \(done.errors), not \(start)")
          #expect(done.errors.split(separator: "\n").count == 1, "\(done.errors)")
        }
      }
      let empty = try stage.box(["--bind", "", "/x", "true"])
      #expect(empty.errors == "bwrap: Can't find source path : No such file or directory\n")
      #expect(stage.leftovers() == [])
    }

    @Test func `a warning and an error have their levels`() throws {
      let done = try stage().box(["--level-prefix", "--chdir", "/a", "--chdir", "/not", "true"])
      #expect(
        done.errors == "<4>bwrap: Only the last --chdir option will take effect\n"
          + "<3>bwrap: Can't chdir to /not: No such file or directory\n")
    }

    @Test func `no byte of a name steers a terminal`() throws {
      for words in [["--bind", "/\u{1b}[31m", "/x", "true"], ["--chdir", "/\u{7}\n", "true"], ["/a\u{9b}b"]] {
        let done = try stage().box(words)
        #expect(done.status == 1)
        expectPlain(done.errors)
      }
    }

    @Test func `a machine that forbids namespaces is told from one that has no more`() throws {
      let stage = try stage()
      let none = try stage.box(["true"], caller: Stage.Caller(forbidden: "max_user_namespaces"))
      #expect(none.status == 1)
      #expect(none.errors.hasPrefix("bwrap: Creating new namespace failed: nesting depth or "), "\(none.errors)")
      let mounts = try stage.box(["true"], caller: Stage.Caller(forbidden: "max_mnt_namespaces"))
      #expect(mounts.errors.hasPrefix("bwrap: Creating new namespace failed: nesting depth or "), "\(mounts.errors)")
      #expect(stage.leftovers() == [])
    }

    @Test func `a proc that is covered outside cannot be mounted anew`() throws {
      let stage = try stage()
      let outer = ["--ro-bind", "/", "/", "--dev", "/dev", "--unshare-pid", "--proc", "/proc"]
      let inner = [stage.bwrap, "--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "echo", "fine"]
      let free = try stage.bwrap(outer + inner)
      #expect(free.output == "fine\n", "the positive control: \(free.everything)")
      let masked = try stage.bwrap(outer + ["--tmpfs", "/proc/sys"] + inner)
      #expect(masked.status == 1)
      #expect(masked.errors.hasPrefix("bwrap: Can't mount proc on /newroot/proc: Operation not permitted"))
      #expect(stage.leftovers() == [])
    }
  }
}
