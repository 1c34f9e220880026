#if DEBUG
  @testable import SnugPlan
  @testable import SnugSandbox

  private let attached = [
    AttachedMount(id: 10, attributes: [.readOnly, .noSetuid, .noDevices], carriesTree: false),
    AttachedMount(id: 11, attributes: [.readOnly, .noSetuid, .noDevices], carriesTree: true),
  ]

  let kernelTextTargets = [
    FuzzTarget(
      "mount-table",
      claim: "the self-check passes a table only where a second reader finds every mount once, as attached",
      seeds: [
        """
        10 5 0:40 / / ro,nosuid,nodev,relatime - tmpfs snug rw
        11 10 254:0 /usr /usr ro,nosuid,nodev,relatime - ext4 /dev/vda rw
        12 11 254:1 / /usr/local\\040x ro,nosuid,nodev,noexec - ext4 /dev/vdb rw

        """
      ].map { Array($0.utf8) },
      pieces: ["\n", " ", " - ", "10 ", "11 ", "12 11 ", "ro,", "rw", "nosuid", "shared:3 ", "\\040", "\0", "é"],
      judge: judgeMounts),
    FuzzTarget(
      "process-status", claim: "the self-check passes a status only where every line says the locked value",
      seeds: [
        """
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
      ].map { Array($0.utf8) },
      pieces: ["\n", ":", "\t", "0", "1", "2", "CapEff:\t0000000000000001\n", "Seccomp:\t0\n", "Name:\t", "\0"],
      judge: judgeStatus),
    FuzzTarget(
      "id-map", claim: "the self-check passes a map of exactly one id",
      seeds: [Array("      1000       1001          1\n".utf8)], pieces: [" ", "\n", "0", "1000", "-1", "4294967295"],
      judge: judgeMap),
    FuzzTarget(
      "cgroup", claim: "a place of the process is below a mount, whatever both files say",
      seeds: [
        Array(
          "0::/user.slice/a\0".utf8)
          + Array("31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw\n".utf8),
        Array("1:name=x:/\n0::/a/b\0".utf8)
          + Array("40 23 0:28 /a /sys/fs/cg\\040x rw - cgroup2 none rw\n".utf8),
      ], pieces: ["\0", "\n", " ", "/", "..", "\\040", "\\777", "\\0", " - cgroup2 ", "0::/", " (deleted)"],
      judge: judgeCgroup),
  ]

  /// As simple as can be, to be held against the product's: the fields of every line.
  private func judgeMounts(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    do throws(KernelError) { try SelfCheck.judgeMounts(bytes, attached) } catch {
      return unless(error.code == 0 && !error.reason.isEmpty, "no reason").map { .broken($0) } ?? .refused
    }
    let lines = bytes.split(separator: 10).map {
      $0.split(separator: 32, omittingEmptySubsequences: false).map { Array($0) }
    }
    func has(_ options: [UInt8], _ word: String) -> Bool {
      options.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual(word.utf8) }
    }
    func number(_ field: [UInt8]) -> Int? { Int(String(decoding: field, as: UTF8.self)) }
    let ids = lines.map { number($0[0]) }
    let areLocked = lines.allSatisfy { has($0[5], "ro") && has($0[5], "nosuid") && has($0[5], "nodev") }
    return verdict(
      unless(bytes.last == 10, "a table that is cut passed"),
      unless(attached.allSatisfy { mount in ids.count { $0 == Int(mount.id) } == 1 }, "a mount is not there once"),
      unless(Set(ids).count == ids.count, "an id comes twice"), unless(areLocked, "a mount without its flags passed"),
      unless(
        lines.allSatisfy { line in !line.contains { $0.starts(with: "shared:".utf8) || $0.starts(with: "master:".utf8) }
        }
          || lines.contains { $0[6...].contains([UInt8(ascii: "-")]) }, "a mount that travels passed"))
  }

  private func judgeStatus(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    do throws(KernelError) { try SelfCheck.judgeStatus(bytes, filters: 1) } catch { return .refused }
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    let wanted =
      ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map { ($0, "0000000000000000") } + [
        ("NoNewPrivs", "1"), ("Threads", "1"), ("Seccomp", "2"),
      ]
    for (name, value) in wanted {
      let said = lines.filter { $0.hasPrefix(name + ":") }
        .map { String($0.dropFirst(name.count + 1).drop { $0 == "\t" || $0 == " " }) }
      if Set(said) != [value] { return .broken("\(name) is \(said) and passed") }
    }
    return .taken
  }

  private func judgeMap(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    do throws(KernelError) { try SelfCheck.judgeMap(bytes, "uid_map", inside: 1000, outside: 1001) } catch {
      return .refused
    }
    let words = bytes.split { $0 == 32 || $0 == 10 }
    return verdict(unless(words.map { Array($0) } == ["1000", "1001", "1"].map { Array($0.utf8) }, "\(bytes) passed"))
  }

  /// The one file, a zero byte, the other.
  private func judgeCgroup(_ bytes: [UInt8]) -> FuzzTarget.Verdict {
    let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard parts.count == 2, let place = CgroupPlace(cgroup: parts[0], mountinfo: parts[1]) else { return .refused }
    let rest = place.path.dropFirst(place.mount.count)
    return verdict(
      unless(place.path.hasPrefix(place.mount), "\(place)"), unless(rest.isEmpty || rest.hasPrefix("/"), "\(place)"),
      unless(!rest.split(separator: "/").contains(".."), "\(place) climbs"))
  }
#endif
