/// The oldest kernel with everything snug calls: mount_setattr(2) came with 5.12.
private let oldestKernel = (major: 5, minor: 12)

let kernelVersionProbe = Probe(check: "kernel", required: true) { _, facts in
  guard let (major, minor) = versionNumbers(facts.kernelRelease) else {
    return ProbeVerdict(ok: false, detail: "cannot read a version in \"\(facts.kernelRelease)\"")
  }
  let isNewEnough = (major, minor) >= (oldestKernel.major, oldestKernel.minor)
  return ProbeVerdict(
    ok: isNewEnough, detail: "Linux \(facts.kernelRelease)",
    remedy: isNewEnough ? nil : "use Linux \(oldestKernel.major).\(oldestKernel.minor) or newer")
}

/// The first two numbers of a release: `6.1` of `6.1.0-13-amd64`.
private func versionNumbers(_ release: String) -> (Int, Int)? {
  let parts = release.split(separator: ".", maxSplits: 2)
  guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix { $0.isWholeNumber }) else {
    return nil
  }
  return (major, minor)
}
