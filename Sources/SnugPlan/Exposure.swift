import SnugProfile

/// What the app reaches of the host's files once every op stands: covered ops are gone, remounts have been applied,
/// what is hidden is not seen. A private home of the profile's own is no file of the host's here.
package struct Exposure: Sendable {
  /// How a host path is seen inside.
  package struct Sight: Hashable, Sendable {
    /// The link-free host path of what was put inside: the path itself or one above it.
    package var source: String
    /// What the source is.
    package var type: FileType
    /// Whether what the app changes there is changed on the host.
    package var isWritable: Bool
    /// The line that asked for it.
    package var origin: Origin
  }

  /// Every host tree and file that was put inside, parents first by their places there.
  package let sights: [Sight]
  private let tree: FinalTree

  /// Looks at what a plan of this profile comes to.
  package init(_ plan: Plan, _ profile: Profile, _ host: Host) {
    tree = FinalTree(plan, profile, host)
    sights = tree.standings.flatMap { _, standing in standing.hostPaths.map { standing.sight(of: $0, by: $0) } }
  }

  /// The ways in which a link-free host path, which need not exist, is seen inside.
  package func sights(of path: String) -> [Sight] {
    tree.draft.whereShown(path).flatMap { _, standing in
      standing.hostPaths.filter { isAtOrBelow(path, $0) }.map { standing.sight(of: path, by: $0) }
    }
  }
}

extension Draft.Standing {
  fileprivate func sight(of path: String, by source: String) -> Exposure.Sight {
    // Whatever is no bind shows directories: the layers of an overlay.
    Exposure.Sight(
      source: source, type: type ?? .directory, isWritable: reach(of: path) >= .write, origin: origin)
  }
}
