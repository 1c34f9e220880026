import SnugPlan

/// Tries the claims of `[assert]` as the app would meet them: under its filter, its landlock domain and its mounts.
///
/// Runs in the sandbox's PID 1. The route tables are opened before landlock, which would refuse; they show the network
/// namespace of who opened them.
struct AssertTrial {
  let routes: [Descriptor]

  /// Opens what the claims need: in `ownProc`, a proc that is mounted nowhere, or else in the plan's own.
  init(_ ownProc: Descriptor?, _ site: Site, _ plan: Plan, on kernel: any Kernel) throws(KernelError) {
    guard plan.asserts.contains(where: { if case .network = $0.claim { true } else { false } }) else {
      routes = []
      return
    }
    let proc = if let ownProc { ownProc } else { try kernel.openat2(site.newRoot, plan.procTarget ?? "", .path) }
    var opened: [Descriptor] = []
    for name in ["route", "ipv6_route"] {
      // A kernel without IPv6 has no such table, and no such route.
      if let table = try kernel.existing("self/net/\(name)", in: proc) { opened.append(table) }
    }
    if ownProc == nil { kernel.close(proc) }
    routes = opened
  }

  /// Why a claim does not hold; nil where it does.
  func problem(_ claim: PlannedAssert.Claim, on kernel: any Kernel) throws(KernelError) -> String? {
    switch claim {
    case .hidden(let path): return hiddenProblem(path, on: kernel)
    case .readable(let path):
      return attempt { () throws(KernelError) in
        let file = try kernel.open(path.path, .read)
        defer { kernel.close(file) }
        _ = try kernel.isEmpty(file)
      }
    case .writable(let path): return writableProblem(path.path, on: kernel)
    case .network(let wanted):
      let device = try firstRoute(on: kernel)
      if wanted { return device == nil ? "no route leads anywhere but to itself" : nil }
      return device.map { "a route leads out through \($0)" }
    }
  }

  /// Not there, not to be opened, or an empty mask of ours: a mask stands in for the host's file, and is told from it by
  /// its inode.
  private func hiddenProblem(_ path: PlannedAssert.Path, on kernel: any Kernel) -> String? {
    do throws(KernelError) {
      let place = try kernel.open(path.path, .look)
      defer { kernel.close(place) }
      let status = try kernel.statx(place)
      // A mask lies on a tmpfs of ours. An overlay shows the host's files under inodes of its own.
      let isOwn = try kernel.fstatfs(place) == 0x0102_1994
      if status.identity == path.hostIdentity || !isOwn { return "it is there" }
      guard status.type == .directory || status.type == .file else { return "a \(status.type.rawValue) is there" }
      let file = try kernel.open(path.path, .read)
      defer { kernel.close(file) }
      if try kernel.isEmpty(file) { return nil }
      return status.type == .directory ? "a directory is there that is not empty" : "a file is there that is not empty"
    } catch {
      // Anything else says nothing about what is there.
      let absent = [
        ErrorNumber.noEntry, ErrorNumber.notDirectory, ErrorNumber.accessDenied, ErrorNumber.notPermitted,
        ErrorNumber.tooManyLinks,
      ]
      return absent.contains(error.code) ? nil : errorText(error.code)
    }
  }

  private func writableProblem(_ path: String, on kernel: any Kernel) -> String? {
    attempt { () throws(KernelError) in
      let place = try kernel.open(path, .look)
      defer { kernel.close(place) }
      if try kernel.statx(place).type != .directory { return kernel.close(try kernel.open(path, .write)) }
      do throws(KernelError) {
        kernel.close(try kernel.open(path, .unnamed))
      } catch {
        // A file system without O_TMPFILE: a directory that is there for an instant says the same.
        guard error.code == ErrorNumber.noOperation || error.code == ErrorNumber.isDirectory else { throw error }
        try kernel.mkdirat(place, ".snug-assert", mode: 0o700)
        try kernel.rmdirat(place, ".snug-assert")
      }
    }
  }

  private func attempt(_ body: () throws(KernelError) -> Void) -> String? {
    do throws(KernelError) {
      try body()
      return nil
    } catch {
      return errorText(error.code)
    }
  }

  /// The device of a route that is not loopback's: `route` has it in the first column below a heading, `ipv6_route` in the
  /// last. See proc_pid_net(5).
  private func firstRoute(on kernel: any Kernel) throws(KernelError) -> String? {
    for (index, table) in routes.enumerated() {
      let lines = String(decoding: try kernel.readAll(table), as: UTF8.self).split(separator: "\n")
      for line in index == 0 ? lines.dropFirst() : lines[...] {
        let columns = line.split { $0 == " " || $0 == "\t" }
        guard let device = index == 0 ? columns.first : columns.last, device != "lo" else { continue }
        return String(device)
      }
    }
    return nil
  }
}

extension Kernel {
  fileprivate func existing(_ path: String, in directory: Descriptor) throws(KernelError) -> Descriptor? {
    do throws(KernelError) {
      return try openat2(directory, path, .read)
    } catch {
      guard error.code == ErrorNumber.noEntry else { throw error }
      return nil
    }
  }
}
