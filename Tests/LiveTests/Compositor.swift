import Glibc
import TestSupport
import Testing

/// A Wayland compositor that shows nothing: registry, callbacks and, where it is to have it, security contexts. It tells
/// what it hears, a line each: `context ENGINE APP INSTANCE`, `client ENGINE APP INSTANCE` (`client - - -` over its own
/// socket), `closed INSTANCE`.
///
/// On the wire and by hand: no packaged compositor of Debian 12 has the protocol.
final class Compositor {
  let name: String
  private let path: String
  private let running: Running

  private static let program = """
    import array, select, socket, struct, sys
    path, kind = sys.argv[1], sys.argv[2]
    manager = 'wp_security_context_manager_v1'
    plain = ['wl_compositor', 'wl_shm']
    trusted = plain + ['zwlr_screencopy_manager_v1', 'zwp_virtual_keyboard_manager_v1']
    if kind == 'context': trusted.append(manager)
    poll, things = select.poll(), {}
    def say(*words): print(*words, flush=True)
    def add(thing, events=select.POLLIN):
      things[thing.fileno()] = thing
      poll.register(thing.fileno(), events)
    def drop(thing):
      number = thing.fileno()
      if things.pop(number, None) is not None: poll.unregister(number)
    class Listener:
      def __init__(self, listener, who): self.listener, self.who, self.fileno = listener, who, listener.fileno
      def ready(self, events):
        client, _ = self.listener.accept()
        say('client', *self.who)
        add(Client(client, self.who))
    class Closing:
      def __init__(self, file, listener): self.file, self.listener, self.fileno = file, listener, file.fileno
      def ready(self, events):
        drop(self); drop(self.listener)
        self.file.close(); self.listener.listener.close()
        say('closed', self.listener.who[2])
    class Client:
      def __init__(self, client, who):
        self.client, self.who, self.fileno = client, who, client.fileno
        self.data, self.files, self.objects, self.contexts = b'', [], {1: 'display'}, {}
      def ready(self, events):
        try: data, rights, _, _ = self.client.recvmsg(4096, socket.CMSG_SPACE(64))
        except OSError: data, rights = b'', []
        for level, what, numbers in rights:
          got = array.array('i'); got.frombytes(numbers); self.files += got
        if not data:
          drop(self); self.client.close(); return
        self.data += data
        while len(self.data) >= 8:
          target, head = struct.unpack_from('=II', self.data)
          if len(self.data) < head >> 16: break
          body, self.data = self.data[8:head >> 16], self.data[head >> 16:]
          self.request(target, head & 0xffff, body)
      def send(self, target, opcode, body):
        # Who has heard enough leaves.
        try: self.client.sendall(struct.pack('=II', target, len(body) + 8 << 16 | opcode) + body)
        except OSError: pass
      def text(self, body):
        return body[4:4 + struct.unpack_from('=I', body)[0] - 1].decode()
      def request(self, target, opcode, body):
        kind = self.objects.get(target)
        if kind == 'display' and opcode == 0:
          new, = struct.unpack('=I', body)
          self.send(new, 0, struct.pack('=I', 0)); self.send(1, 1, body)
        elif kind == 'display' and opcode == 1:
          new, = struct.unpack('=I', body)
          self.objects[new] = 'registry'
          for name, interface in enumerate(plain if self.who[0] != '-' else trusted):
            written = interface.encode() + b'\\0'
            written = struct.pack('=I', len(written)) + written + b'\\0' * (-len(written) % 4)
            self.send(new, 0, struct.pack('=I', name) + written + struct.pack('=I', 1))
        elif kind == 'registry' and opcode == 0:
          self.objects[struct.unpack('=I', body[-4:])[0]] = self.text(body[4:])
        elif kind == manager and opcode == 1:
          new, = struct.unpack('=I', body)
          self.objects[new], self.contexts[new] = 'context', ['', '', '', self.files.pop(0), self.files.pop(0)]
        elif kind == 'context' and opcode in (1, 2, 3): self.contexts[target][opcode - 1] = self.text(body)
        elif kind == 'context' and opcode == 4:
          engine, app, instance, listening, closing = self.contexts[target]
          say('context', engine, app, instance)
          listener = Listener(socket.socket(fileno=listening), (engine, app, instance))
          add(listener); add(Closing(open(closing), listener), select.POLLHUP)
        elif opcode == 0: self.objects.pop(target, None)
        else: say('unknown', kind, opcode)
    own = socket.socket(socket.AF_UNIX)
    own.bind(path); own.listen()
    if kind != 'silent': add(Listener(own, ('-', '-', '-')))
    say('ready')
    while True:
      for number, events in poll.poll():
        if number in things: things[number].ready(events)
    """

  /// Prints the interfaces that a compositor offers, a line each; the compositor is that of the environment, or a path.
  static let client = """
    import os, socket, struct, sys
    path = sys.argv[1] if len(sys.argv) > 1 else '/'.join(os.environ[n] for n in ('XDG_RUNTIME_DIR', 'WAYLAND_DISPLAY'))
    compositor = socket.socket(socket.AF_UNIX)
    compositor.connect(path)
    compositor.sendall(struct.pack('=IIIIII', 1, 12 << 16 | 1, 2, 1, 12 << 16, 3))
    data = b''
    while True:
      more = compositor.recv(4096)
      if not more: sys.exit('hung up')
      data += more
      while len(data) >= 8:
        target, head = struct.unpack_from('=II', data)
        if len(data) < head >> 16: break
        if target == 3: sys.exit(0)
        if target == 2: print(data[16:15 + struct.unpack_from('=I', data, 12)[0]].decode(), flush=True)
        data = data[head >> 16:]
    """

  /// Starts one. `kind`: `context`, `plain` without contexts, `silent` that answers nothing.
  init(_ stage: Stage, _ kind: String = "context", name: String = "wayland-5") throws {
    self.name = name
    path = "\(stage.runtime)/\(name)"
    unlink(path)
    running = try stage.start(["/usr/bin/python3", "-c", Self.program, path, kind])
    try #require(running.waitFor("ready"))
  }

  /// For who is to use it.
  var environment: String { "WAYLAND_DISPLAY=\(name)" }

  /// Waits until it has told something.
  func hears(_ text: String) -> Bool { running.waitFor(text) }

  /// What it has heard.
  var heard: [String] { running.outputSoFar.split(separator: "\n").map(String.init) }

  /// Ends it; its socket stays, as that of one that was killed.
  func kill() -> Finished {
    running.signal(9)
    return running.finish()
  }

  /// Ends it; what it complained of.
  @discardableResult
  func end() -> String {
    defer { unlink(path) }
    return kill().errors
  }
}
