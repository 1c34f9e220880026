import SnugProfile

extension Draft {
  /// The number inside of a display that is `outer` outside.
  ///
  /// libxcb tries the abstract socket of a display first, and the one with a file only where nobody has that name. In the
  /// host's network the X server has it, and landlock's refusal is not the answer that libxcb goes on after. So the
  /// display gets a number there that no server takes: what is not there is not refused.
  func displayNumber(inside outer: Int) -> Int {
    guard profile.network.mode.value == .host, host.landlockABI >= 6,
      profile.landlock.scope.contains(where: { $0.value == .abstractUnixSocket })
    else { return outer }
    return outer + 1000
  }
}
