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
    let tree = FinalTree(plan, profile, host)
    self.tree = tree
    sights = tree.standing.flatMap { place, standing in
      standing.op.shown.flatMap { tree.sights(of: $0, at: place, by: standing) }
    }
  }

  /// The ways in which a link-free host path, which need not exist, is seen inside.
  package func sights(of path: String) -> [Sight] {
    tree.shown(path).flatMap { place, standing in tree.sights(of: path, at: place, by: standing) }
  }
}

extension FinalTree {
  /// How a host path is seen through what stands at or above a place.
  fileprivate func sights(of path: String, at place: String, by standing: Draft.Standing) -> [Exposure.Sight] {
    if isPrivateHome(standing) { return [] }
    let mount = mountAccess(place)
    let isWritable = mount.access != .readOnly && !mount.isThrownAway
    switch standing.op {
    case .bind(let bind) where isAtOrBelow(path, bind.source.path):
      return [
        Exposure.Sight(
          source: bind.source.path, type: bind.source.type, isWritable: isWritable, origin: standing.origin)
      ]
    case .overlay(let overlay):
      // Changes go to the upper directory; those below it stay as they are.
      let layers = overlay.lower.map { ($0, false) } + (overlay.upper.map { [($0, isWritable)] } ?? [])
      return layers.filter { isAtOrBelow(path, $0.0.path) }.map { layer, isWritable in
        Exposure.Sight(source: layer.path, type: .directory, isWritable: isWritable, origin: standing.origin)
      }
    default: return []
    }
  }
}
