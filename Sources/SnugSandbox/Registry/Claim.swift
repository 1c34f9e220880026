import CSnug
import Glibc
import SnugPlan
import SnugProfile

/// A name that this launcher has, until `release` or its own end.
///
/// Children may inherit the descriptors and close them: the name is held as long as one copy of `lock` is open. Nothing
/// is taken away when the value goes; a child that unwinds must not end its parent's instance.
public final class Claim {
  /// The instance's name.
  public let name: InstanceName
  /// Descriptor of the lock file: keep it open. Close-on-exec.
  public let lock: Int32
  /// Descriptor of the control socket, which listens: seqpacket, close-on-exec, blocking.
  public let listener: Int32
  private let folder: Int32
  private let registry: Registry
  private var isReleased = false

  fileprivate init(_ name: InstanceName, _ draft: ClaimDraft, _ registry: Registry) {
    self.name = name
    lock = draft.lock
    listener = draft.listener
    folder = draft.folder
    self.registry = registry
  }

  /// The descriptors that a claim keeps open.
  public var descriptors: [Int32] { [lock, listener, folder, registry.directory] }

  /// Shows the instance to everybody who asks, or shows it changed. In one step: a reader finds the old entry or the new
  /// one, and what cannot be written leaves the old one.
  public func publish(_ entry: Entry) throws(Diagnostic) {
    let code = write(Array((entry.json.line + "\n").utf8))
    if code == 0 { return }
    _ = unsafe csnug_unlinkat(folder, InstanceFile.entryDraft)
    throw Diagnostic(
      "cannot write the entry of the instance \(name) in \(registry.path): \(errorText(code))",
      hint: registryHint(code, registry.path))
  }

  /// Makes the directory for the sockets of a companion, mode 0700; it goes with the claim.
  ///
  /// - Returns: its link-free path.
  public func makeSocketDirectory(of maker: SocketMaker) throws(Diagnostic) -> String {
    let made = unsafe csnug_mkdirat(folder, maker.directory, 0o700)
    var code = made < 0 ? Int32(clamping: -made) : setMode(0o700, maker.directory, in: folder)
    if code == 0 {
      if let path = readLink("/proc/self/fd/\(folder)") { return "\(path)/\(maker.directory)" }
      // Its name is not UTF-8.
      code = EILSEQ
    }
    throw Diagnostic(
      "cannot make the directory \(registry.path)/\(name)/\(maker.directory): \(errorText(code))",
      hint: registryHint(code, registry.path))
  }

  /// Gives the name back and takes everything away that stands under it. Descriptors are closed.
  public func release() {
    if isReleased { return }
    isReleased = true
    // Somebody may have removed the directory by hand, and another instance have the name.
    if registry.leads(name.text, to: folder) { _ = registry.remove(name.text, folder, isOwn: true) }
    for descriptor in [listener, folder, lock] { csnug_close(descriptor) }
  }

  /// Returns the errno, or 0.
  private func write(_ bytes: [UInt8]) -> Int32 {
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
    let file = unsafe openat(folder, InstanceFile.entryDraft, flags, 0o600)
    if file < 0 { return errno }
    defer { csnug_close(file) }
    // Whatever the umask: others have to read it, and they are all this user.
    if fchmod(file, 0o600) < 0 { return errno }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe csnug_write(file, $0.baseAddress, $0.count) }
      if count <= 0 { return count == 0 ? ENOSPC : Int32(clamping: -count) }
      rest = rest.dropFirst(count)
    }
    let renamed = unsafe renameat(folder, InstanceFile.entryDraft, folder, InstanceFile.entry)
    return renamed < 0 ? errno : 0
  }
}

/// A claim that has no name yet.
private struct ClaimDraft {
  var temporaryName: String
  var folder: Int32
  var lock: Int32 = -1
  var listener: Int32 = -1
}

/// A step of a claim that failed.
private struct ClaimFailure: Error {
  var code: Int32
  /// Whether somebody who tidies up took the draft for a dead one.
  var isLost = false
}

extension Registry {
  /// Takes a name for an instance that is about to be started.
  ///
  /// Some twenty system calls. Everything is made under another name first, so that a launcher that is killed in between
  /// leaves nothing that looks like an instance; the next `entries` takes it away.
  ///
  /// - Parameters:
  ///   - name: nil for one made of the profile's name and four random letters and digits.
  ///   - profile: the profile as it was asked for, a name or a file.
  /// - Throws: where the name is taken, the disk full, or the registry in the way.
  public func claim(_ name: InstanceName?, profile: String) throws(Diagnostic) -> Claim {
    let draft: ClaimDraft
    do throws(ClaimFailure) { draft = try makeDraft() } catch { throw cannotClaim(error.code) }
    do throws(Diagnostic) {
      return Claim(try place(draft, name, profile), draft, self)
    } catch {
      discard(draft)
      throw error
    }
  }

  private func cannotClaim(_ code: Int32) -> Diagnostic {
    Diagnostic("cannot make an instance in \(path): \(errorText(code))", hint: registryHint(code, path))
  }

  private func makeDraft() throws(ClaimFailure) -> ClaimDraft {
    var last = EEXIST
    for _ in 0..<64 {
      let temporaryName = Self.temporaryName()
      let made = unsafe csnug_mkdirat(directory, temporaryName, 0o700)
      if made == -Int(EEXIST) { continue }
      if made < 0 { throw ClaimFailure(code: Int32(clamping: -made)) }
      _ = setMode(0o700, temporaryName, in: directory)
      var draft = ClaimDraft(temporaryName: temporaryName, folder: Self.openDirectory(directory, temporaryName))
      do throws(ClaimFailure) {
        try fill(&draft)
        return draft
      } catch {
        discard(draft)
        guard error.isLost else { throw error }
        last = error.code
      }
    }
    throw ClaimFailure(code: last)
  }

  /// Lock and socket of a draft. Until the lock is held, whoever tidies up may take the draft for one that was left, and
  /// it vanishes under our hands: then it is lost.
  private func fill(_ draft: inout ClaimDraft) throws(ClaimFailure) {
    if draft.folder < 0 { throw ClaimFailure(code: -draft.folder, isLost: draft.folder == -ENOENT) }
    let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    draft.lock = unsafe openat(draft.folder, InstanceFile.lock, flags, 0o600)
    if draft.lock < 0 { throw ClaimFailure(code: errno, isLost: [EEXIST, ENOENT].contains(errno)) }
    if fchmod(draft.lock, 0o600) < 0 { throw ClaimFailure(code: errno) }
    let locked = csnug_lock(draft.lock, 0, LockedBytes.life)
    if locked < 0 {
      throw ClaimFailure(
        code: Int32(clamping: -locked), isLost: [-Int(EAGAIN), -Int(EACCES)].contains(locked))
    }
    // Somebody may have held it, unlinked it and let it go between our opening it and our locking it.
    if !Self.leads(InstanceFile.lock, in: draft.folder, to: draft.lock) {
      throw ClaimFailure(code: ENOENT, isLost: true)
    }
    draft.listener = Int32(clamping: csnug_socket())
    if draft.listener < 0 { throw ClaimFailure(code: -draft.listener) }
    // By the descriptor: a runtime directory may have a longer path than the 107 bytes of a socket's name.
    let bound = unsafe csnug_bind(draft.listener, "/proc/self/fd/\(draft.folder)/\(InstanceFile.control)")
    if bound < 0 { throw ClaimFailure(code: Int32(clamping: -bound), isLost: bound == -Int(ENOENT)) }
    let code = setMode(0o600, InstanceFile.control, in: draft.folder)
    if code != 0 { throw ClaimFailure(code: code) }
    let listens = csnug_listen(draft.listener, 128)
    if listens < 0 { throw ClaimFailure(code: Int32(clamping: -listens)) }
  }

  /// Gives a draft its name.
  private func place(_ draft: ClaimDraft, _ wanted: InstanceName?, _ profile: String) throws(Diagnostic) -> InstanceName
  {
    // Enough for whoever takes a dead one away to be done, should the machine be slow.
    for _ in 0..<2000 {
      let name = wanted ?? InstanceName(of: profile, suffix: Self.randomText(4))
      let renamed = unsafe csnug_rename_new(directory, draft.temporaryName, directory, name.text)
      if renamed == 0 { return name }
      if renamed != -Int(EEXIST) { throw cannotClaim(Int32(clamping: -renamed)) }
      if wanted == nil { continue }
      switch state(of: name.text) {
      case .free: continue
      case .held(let folder):
        csnug_close(folder)
        throw Diagnostic(
          "an instance named \(name) is running", at: .option("--name"),
          hint: "snug ps lists what runs, snug exec \(name) enters it")
      case .stale:
        if case .failed(let code) = sweep(name.text) { throw cannotTakeAway(name.text, code) }
      case .vanishing: csnug_poll(nil, nil, 0, 1)
      case .unusable(let code): throw cannotUse(name.text, code)
      }
    }
    throw Diagnostic(
      "cannot take the name \(wanted?.text ?? profile): somebody still removes what is left of an instance",
      hint: "try again, or take another name")
  }

  private func discard(_ draft: ClaimDraft) {
    if draft.listener >= 0 { csnug_close(draft.listener) }
    if draft.folder >= 0 {
      _ = remove(draft.temporaryName, draft.folder, isOwn: true)
      csnug_close(draft.folder)
    } else {
      _ = unsafe csnug_rmdirat(directory, draft.temporaryName)
    }
    if draft.lock >= 0 { csnug_close(draft.lock) }
  }

  /// What has the place of an instance and is none.
  func cannotUse(_ name: String, _ code: Int32) -> Diagnostic {
    let reason = code == ENOTDIR || code == ELOOP ? "it is not a directory" : errorText(code)
    return Diagnostic("cannot use \(path)/\(name): \(reason)", hint: "take it away: it is no instance of snug's")
  }

  /// What a dead launcher has left and nobody can remove.
  func cannotTakeAway(_ name: String, _ code: Int32) -> Diagnostic {
    Diagnostic("cannot remove what is left of an instance, \(path)/\(name): \(errorText(code))")
  }
}
