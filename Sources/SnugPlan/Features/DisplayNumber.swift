import SnugProfile

extension Draft {
  /// The number inside of a display that is `outer` outside.
  ///
  /// libxcb tries the abstract socket of a display first, and the one with a file only where nobody has that name. In the
  /// host's network the X server has it, and landlock's refusal is not the answer that libxcb goes on after. So the
  /// display gets a number there that no server takes: what is not there is not refused.
  func displayNumber(inside outer: Int) -> Int {
    profile.network.mode.value == .host && !reachesAbstractSockets ? outer + 1000 : outer
  }
}
