import Glibc
import TestSupport

/// A small world for private networks, in a network and a mount namespace of its own: this machine, with a device for
/// interfaces that everybody may open and a resolver on its own loopback, and one other machine across a wire.
final class OutsideNetwork {
  /// The other machine: its server says `served` on port 8200.
  static let other = "198.51.100.1"
  /// This machine: its servers say `mine` on 127.0.0.1 port 8300, and on every address port 8301.
  static let own = "198.51.100.2"
  private let world: Running
  private let stage: Stage

  /// Makes it; only root can.
  init(_ stage: Stage) throws {
    self.stage = stage
    world = try Running(
      ["/usr/bin/unshare", "--net", "--mount", "/usr/bin/python3", "-c", Self.making],
      environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
    if !world.waitFor("world\n") { throw Stage.StageError(reason: world.finish(seconds: 1).everything) }
  }

  /// Ends it, with its servers.
  func end() { _ = world.finish(seconds: 10) }

  private static let making = #"""
    import ctypes, os, socket, subprocess, sys, threading
    def run(line): subprocess.run(line.split(), check=True)
    def serve(address, answer):
      server = socket.create_server(address)
      def loop():
        while True:
          client = server.accept()[0]
          client.settimeout(5)
          try:
            # A line is a port of the other machine to connect to.
            asked = client.makefile().readline().strip()
            client.sendall((probe(asked) if asked else answer).encode())
          except OSError: pass
          client.close()
      threading.Thread(target=loop, daemon=True).start()
    def probe(port):
      try:
        asked = socket.create_connection(("198.51.100.2", int(port)), 2)
        asked.sendall(b"\n")
        return asked.recv(99).decode()
      except OSError as error: return "none: " + str(error)
    def names():
      server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      server.bind(("127.0.0.53", 53))
      def loop():
        while True:
          query, client = server.recvfrom(512)
          end = query.index(0, 12) + 5
          isA = query[end - 4:end - 2] == b"\x00\x01"
          head = query[:2] + b"\x81\x80\x00\x01" + (b"\x00\x01" if isA else b"\x00\x00") + b"\x00" * 4
          record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04" + socket.inet_aton("198.51.100.1")
          server.sendto(head + query[12:end] + (record if isA else b""), client)
      threading.Thread(target=loop, daemon=True).start()
    def unshare():
      if ctypes.CDLL(None).unshare(0x40000000) != 0: raise OSError("unshare")
    run("mount -t tmpfs -o mode=755 none /dev/net")
    run("mknod -m 666 /dev/net/tun c 10 200")
    run("ip link set lo up")
    run("ip link add outer type veth peer name far")
    up, down = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
      os.close(down[1])
      unshare()
      os.write(up[1], b"x")
      os.read(down[0], 1)
      for line in ["addr add 198.51.100.1/24 dev far", "link set far up", "link set lo up"]: run("ip " + line)
      serve(("0.0.0.0", 8200), "served")
      os.write(up[1], b"x")
      # Until the other one is gone.
      os.read(down[0], 1)
      os._exit(0)
    os.close(down[0])
    os.read(up[0], 1)
    run("ip link set far netns %d" % child)
    run("ip addr add 198.51.100.2/24 dev outer")
    run("ip link set outer up")
    run("ip route add default via 198.51.100.1")
    os.write(down[1], b"x")
    os.read(up[0], 1)
    serve(("127.0.0.1", 8300), "mine")
    serve(("0.0.0.0", 8301), "mine")
    names()
    open("/dev/net/resolv.conf", "w").write("nameserver 127.0.0.53\n")
    subprocess.run(["mount", "--bind", "/dev/net/resolv.conf", os.path.realpath("/etc/resolv.conf")], check=True)
    print("world", flush=True)
    sys.stdin.read()
    os.close(down[1])
    os.waitpid(child, 0)
    """#

  /// Words that run a command as the stage's user in this world.
  private func words(_ argv: [String]) -> [String] {
    let ids = [String(stage.uid), String(stage.gid), String(stage.gid)]
    return ["/usr/bin/nsenter", "-t", String(world.pid), "-m", "-n", stage.probe, "awkward"] + ids
      + ["022", "-", "0", "default", stage.home] + argv
  }

  /// Starts a command there as the stage's user.
  func start(_ argv: [String]) throws -> Running { try Running(words(argv), environment: stage.environment) }

  /// Runs one to its end.
  func run(_ argv: [String], seconds: Int = 60) throws -> Finished { try start(argv).finish(seconds: seconds) }

  /// `snug` there.
  func snug(_ argv: [String]) throws -> Finished { try run([stage.snug] + argv) }

  /// A line of shell there as root.
  func asRoot(_ line: String) throws {
    let done = try spawn(["/usr/bin/nsenter", "-t", String(world.pid), "-m", "-n", "/bin/sh", "-ec", line])
    if done.status != 0 { throw Stage.StageError(reason: "\(line): \(done.everything)") }
  }
}
