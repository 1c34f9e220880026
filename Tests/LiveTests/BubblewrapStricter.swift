import TestSupport

/// One kind of difference from bubblewrap 0.8.0 that is meant.
struct Stricter: Sendable {
  var name: String
  /// Why it is so, and why no caller is hurt.
  var reason: String
  var holds: @Sendable (Fingerprint.Difference, ArgumentList) -> Bool
}

private let deviceNodes = ["null", "zero", "full", "random", "urandom", "tty"]

/// Flags of a mount as a set; `ro` beside the default `rw`.
private func flags(_ text: String?) -> Set<Substring> { Set((text ?? "").split(separator: ",")).subtracting(["rw"]) }

/// Every difference that is meant.
let stricter: [Stricter] = [
  Stricter(
    name: "name of the new root",
    reason:
      "bubblewrap makes its root as a directory of a tmpfs and binds it; here the tmpfs is the root, and no part of "
      + "it is out of sight"
  ) { difference, _ in
    difference.name == "mount /: root" && difference.theirs == "/newroot" && difference.ours == "/"
  },
  Stricter(
    name: "mode of the new root", reason: "the tmpfs itself is 0755, not a directory of one that all may write"
  ) { difference, _ in
    difference.name.hasSuffix(": options")
      && difference.ours == difference.theirs.map { $0.replacing("rw", with: "rw,mode=755", maxReplacements: 1) }
  },
  Stricter(
    name: "names of files from descriptors", reason: "both are deleted before the command can see them"
  ) { difference, _ in
    difference.name.hasSuffix(": root") && difference.theirs?.hasPrefix("/bindfile") == true
      && difference.theirs?.hasSuffix("//deleted") == true && difference.ours?.hasPrefix("/staged-") == true
      && difference.ours?.hasSuffix("//deleted") == true
  },
  Stricter(
    name: "one user namespace",
    reason: "the caller's id is mapped straight; bubblewrap maps it to 0 for devpts, and 0 to it in a second namespace"
  ) { difference, list in
    guard difference.name == "uid_map" || difference.name == "gid_map" else { return false }
    let (theirs, ours) = (difference.theirs?.split(separator: " "), difference.ours?.split(separator: " "))
    return list.words.contains("--dev") && theirs?.count == 3 && theirs?.first == ours?.first && theirs?[1] == "0"
      && theirs?.last == ours?.last
  },
  Stricter(
    name: "device nodes without execute", reason: "nobody runs a device"
  ) { difference, _ in
    deviceNodes.contains { difference.name.contains("/\($0)") } && difference.name.hasSuffix(": flags")
      && flags(difference.ours) == flags(difference.theirs).union(["noexec"])
  },
  Stricter(
    name: "flags of message queues", reason: "neither devices nor programs can be there; bubblewrap sets none"
  ) { difference, _ in
    difference.name.contains("/mq") && difference.theirs == "rw,relatime"
      && flags(difference.ours) == ["nosuid", "nodev", "noexec", "relatime"]
  },
  Stricter(
    name: "mounts below a source that are stacked",
    reason:
      "bubblewrap finds mounts by their path and sets flags on the topmost alone; here all below a source get them"
  ) { difference, list in
    list.words.contains("/") && difference.name.hasSuffix(": flags")
      && flags(difference.theirs).isStrictSubset(of: flags(difference.ours))
      && flags(difference.ours).subtracting(flags(difference.theirs)).isSubset(of: ["ro", "nosuid", "nodev"])
  },
  Stricter(
    name: "what steers the machine in proc",
    reason: "for root more of it is covered; who has no rights over the machine finds nothing covered in either"
  ) { difference, list in
    list.caller.asRoot && difference.name.contains("/proc/")
      && (difference.theirs == nil
        || (difference.name.hasSuffix(": flags")
          && flags(difference.ours) == flags(difference.theirs).union(["noexec"])))
  },
  Stricter(
    name: "death signal of the command",
    reason: "in a pid namespace the first process has it, and its end is the command's; no command can switch it off"
  ) { difference, list in
    difference.name == "death-signal" && list.words.contains("--die-with-parent") && difference.theirs == "9"
  },
  Stricter(
    name: "message about --remount-ro",
    reason: "the mount table is not read, and the words do not speak of it; no parents are made for what must be there"
  ) { difference, _ in
    words(difference.ours, ["bwrap: Can't remount readonly on /newroot/"])
      && (words(difference.theirs, ["bwrap: Can't remount readonly on /newroot/"])
        || words(difference.theirs, ["bwrap: Can't mkdir parents for "]))
  },
  Stricter(
    name: "message about a link that is there", reason: "0.8.0 says that it exists; these are the words of 0.11.1"
  ) { difference, _ in
    words(difference.theirs, ["bwrap: Can't make symlink at ", ": File exists"])
      && words(difference.ours, ["bwrap: Can't make symlink at ", ": existing destination is "])
  },
  Stricter(
    name: "message about data that cannot be placed", reason: "0.8.0 names a temporary file of its own"
  ) { difference, _ in
    let start = "Unable to mount source on destination"
    return words(difference.theirs, ["bwrap: Can't bind mount /bindfile", start])
      && words(difference.ours, ["bwrap: Can't bind mount data on /newroot", start])
  },
]

/// Whether an error message holds all of these.
private func words(_ text: String?, _ parts: [String]) -> Bool { parts.allSatisfy { text?.contains($0) == true } }
