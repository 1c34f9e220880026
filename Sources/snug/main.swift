import CSnug
import SnugPlan
import SnugProfile
import SnugSandbox

let o = Origin.defaults
func src(_ p: String, _ t: FileType = .directory) -> Source { Source(path: p, written: p, type: t, identity: nil) }
let ids = callerIDs()
var ops: [Op] = [
  .bind(Bind(source: src("/usr"), target: "/usr", access: .readOnly)),
  .symlink(Symlink(target: "/bin", to: "usr/bin")), .symlink(Symlink(target: "/lib", to: "usr/lib")),
  .symlink(Symlink(target: "/lib64", to: "usr/lib64")),
  .proc(Proc(target: "/proc")), .dev(Dev(target: "/dev", mqueue: true)), .tmpfs(Tmpfs(target: "/tmp", mode: 0o1777)),
  .file(File(target: "/etc/passwd", content: Array("me:x:\(ids.uid):\(ids.gid)::/tmp:/bin/sh\n".utf8))),
  .overlay(Overlay(target: "/opt/o", lower: [src("/etc")], size: 1 << 20)),
  .remount(Remount(target: "/")),
]
var args: [[UInt8]] = []
var i: Int32 = 1
while let p = csnug_argument(i) { args.append(Array(String(cString: p).utf8)); i += 1 }
let plan = Plan(
  namespaces: Namespace.allCases, ops: ops.map { PlannedOp($0, from: o) }, seccomp: SeccompPolicy(preset: .none),
  landlock: LandlockPolicy(abi: 7, scope: [.signal, .abstractUnixSocket], files: true, rules: [
    .init(path: "/", rights: .read), .init(path: "/tmp", rights: .write), .init(path: "/dev", rights: .device), .init(path: "/proc", rights: .modify)]),
  environment: [PlannedVariable(name: "PATH", value: Array("/usr/bin".utf8), origin: o)],
  process: ProcessPolicy(uid: ids.uid, gid: ids.gid, hostname: "snug", workingDirectory: "/tmp", umask: 0o22, nice: 0, terminal: .auto, adoptWait: .milliseconds(2000), stopWait: .milliseconds(3000), cancelSignal: 15, limits: [.init(.core, 0)]),
  executable: String(decoding: args[0], as: UTF8.self), command: args, id: "x", profile: "x")
do throws(Sandbox.Failure) {
  let ended = try Sandbox(plan, filter: nil, traceTiming: true) { e in
    switch e { case .timing(let t): print(t); case .started(let p, let a): print("started", p, a); case .timeUp(let l): print(l) } }.run()
  print(ended)
  csnug_exit(ended.end.status)
} catch { print(error.diagnostic?.text ?? "-"); csnug_exit(error.status) }
