import SnugProfile

/// Limits that all processes of an instance share, and who holds them: `limits.memory`, `tasks` and `cpu`.
public struct GroupPolicy: Hashable, Sendable {
  /// Who makes the cgroup that holds the limits.
  public enum Keeper: String, Hashable, Sendable {
    /// systemd's user manager, as a transient scope.
    case scope
    /// Snug itself, in a part of the cgroup tree that is delegated to the caller.
    case cgroup
  }
  /// Who holds them.
  public var keeper: Keeper
  /// At least one.
  public var limits: [GroupLimit]

  /// Makes a policy.
  public init(keeper: Keeper, limits: [GroupLimit]) {
    self.keeper = keeper
    self.limits = limits
  }
}

/// A limit that all processes of an instance share.
public struct GroupLimit: Hashable, Sendable {
  /// Which one; the raw value is the key's last name.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case memory, tasks, cpu

    /// The controller of cgroups(7) that holds it.
    public var controller: String {
      switch self {
      case .memory: "memory"
      case .tasks: "pids"
      case .cpu: "cpu"
      }
    }
  }
  /// Which limit.
  public var kind: Kind
  /// Bytes, a count, or percent of one processor.
  public var value: UInt64
  /// As a person writes it: `4G`, `200`, `150%`.
  public var written: String
  /// Whether a start goes on where it turns out that it cannot be had.
  public var isOptional: Bool
  /// The line that asked for it.
  public var origin: Origin

  /// Makes a limit.
  public init(_ kind: Kind, _ value: UInt64, written: String, isOptional: Bool = false, origin: Origin) {
    self.kind = kind
    self.value = value
    self.written = written
    self.isOptional = isOptional
    self.origin = origin
  }

  /// The key of the profile: `limits.memory`.
  public var key: String { "limits.\(kind.rawValue)" }

  /// That it cannot be had, as an error at its line.
  public func refusal(_ reason: String) -> Diagnostic {
    Diagnostic(
      "cannot limit \(kind.rawValue) to \(written): \(reason)", .cannotStartHere, at: origin,
      hint: "list \"\(key)\" in optional to go on without it; snug doctor tells what gives it")
  }
}

/// Who could hold a shared limit on this machine. Nothing was changed to find out.
public struct GroupFacts: Hashable, Sendable {
  /// Why a scope of systemd's user manager cannot hold a limit; one that is not in it can be held.
  public var scopeObstacles: [GroupLimit.Kind: String]
  /// Why a cgroup that Snug makes cannot hold a limit, likewise.
  public var cgroupObstacles: [GroupLimit.Kind: String]

  /// Makes facts.
  public init(scopeObstacles: [GroupLimit.Kind: String] = [:], cgroupObstacles: [GroupLimit.Kind: String] = [:]) {
    self.scopeObstacles = scopeObstacles
    self.cgroupObstacles = cgroupObstacles
  }

  /// A machine that has everything.
  public static let complete = GroupFacts()

  func obstacles(_ keeper: GroupPolicy.Keeper) -> [GroupLimit.Kind: String] {
    switch keeper {
    case .scope: scopeObstacles
    case .cgroup: cgroupObstacles
    }
  }
}
