import SnugProfile

/// Why a profile does not become a plan here.
public struct CompileError: Error, Hashable, Sendable {
  /// What the exit status of `run` hangs on.
  public enum Kind: Hashable, Sendable {
    /// The sandbox cannot be set up.
    case setUp
    /// The program is there but cannot be executed.
    case notExecutable
    /// The program is not there.
    case notFound
  }
  /// What kind of trouble it is.
  public var kind: Kind
  /// At least one, in the order in which they were found.
  public var diagnostics: [Diagnostic]

  /// Makes an error.
  public init(_ kind: Kind, _ diagnostics: [Diagnostic]) {
    self.kind = kind
    self.diagnostics = diagnostics
  }

  /// 125, 126 or 127.
  public var exitStatus: Int32 {
    switch kind {
    case .setUp: 125
    case .notExecutable: 126
    case .notFound: 127
    }
  }
}

/// What the command line says about the program.
public struct ProgramRequest: Hashable, Sendable {
  /// The argv that stands in place of the profile's own program.
  public var command: [[UInt8]]?
  /// Words appended to the profile's own program.
  public var arguments: [[UInt8]]
  /// Descriptors to hand over besides 0, 1 and 2.
  public var passedDescriptors: [Int32]
  /// Sockets among them that a service manager hands over.
  public var activation: Activation?
  /// Whether something will be run: then a missing program is an error, else it stands in the plan as skipped.
  public var needsProgram: Bool

  /// What the caller wrote behind the program.
  var words: [[UInt8]] { (command ?? []).dropFirst() + arguments }

  /// Makes a command line.
  public init(
    command: [[UInt8]]? = nil, arguments: [[UInt8]] = [], passedDescriptors: [Int32] = [],
    activation: Activation? = nil, needsProgram: Bool = true
  ) {
    self.command = command
    self.arguments = arguments
    self.passedDescriptors = passedDescriptors
    self.activation = activation
    self.needsProgram = needsProgram
  }
}

/// What the C library says about an errno, for the few that looking at a path can bring.
func reason(_ code: Int32) -> String {
  switch code {
  case 1: "Operation not permitted"
  case 2: "No such file or directory"
  case 5: "Input/output error"
  case 13: "Permission denied"
  case 20: "Not a directory"
  case 36: "File name too long"
  case 40: "Too many levels of symbolic links"
  case 107: "Transport endpoint is not connected"
  case 116: "Stale file handle"
  default: "error \(code)"
  }
}
