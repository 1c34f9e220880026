import SnugProfile

/// Who the app is inside.
struct Identity {
  var uid: UInt32
  var gid: UInt32
  var user: String
  var group: String
}

extension Draft {
  /// `process.user`: the ids and names inside.
  var identity: Identity {
    switch profile.process.user.value {
    case .caller: Identity(uid: host.uid, gid: host.gid, user: host.userName, group: host.groupName)
    case .nobody: Identity(uid: 65534, gid: 65534, user: "nobody", group: "nogroup")
    case .root: Identity(uid: 0, gid: 0, user: "root", group: "root")
    }
  }

  /// The user database that the app sees, see passwd(5): itself, root and nobody. Who else has an account here is none
  /// of its business.
  mutating func addAccounts() {
    let origin = profile.process.user.origin
    let me = identity
    var users = ["\(me.user):x:\(me.uid):\(me.gid)::\(field(host.home)):\(field(shell()))"]
    if me.uid != 0 { users.append("root:x:0:0:root:/root:/usr/sbin/nologin") }
    if me.uid != 65534 { users.append("nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin") }
    var groups = ["\(me.group):x:\(me.gid):"]
    if me.gid != 0 { groups.append("root:x:0:") }
    if me.gid != 65534 { groups.append("nogroup:x:65534:") }
    for (path, lines) in [("/etc/passwd", users), ("/etc/group", groups)] {
      put(.file(File(target: path, content: Array((lines.joined(separator: "\n") + "\n").utf8))), from: origin)
    }
  }

  /// A name with a colon or a line break would be two fields or two accounts.
  private func field(_ text: String) -> String {
    text.utf8.contains { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "\n") } ? "/" : text
  }

  /// The caller's shell where it is seen inside, else the one that is always there.
  mutating func shell() -> String {
    let place = resolve(host.shell)
    if case .host(let real, .file) = place.state, host.isExecutable(real) { return host.shell }
    return "/bin/sh"
  }
}
