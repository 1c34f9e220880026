import Glibc
import TestSupport
import Testing

/// A PulseAudio server of the stage's user with one sink that leads nowhere, and a tone to play.
final class SoundServer {
  let stage: Stage
  private let server: Running
  /// A second of a tone.
  let tone: String
  private let settings: String

  private static let makeTone = """
    import math, struct, sys, wave
    out = wave.open(sys.argv[1], 'wb')
    out.setnchannels(1); out.setsampwidth(2); out.setframerate(44100)
    out.writeframes(b''.join(struct.pack('<h', int(16000 * math.sin(i / 16))) for i in range(44100)))
    out.close()
    """

  init(_ stage: Stage) throws {
    self.stage = stage
    tone = "\(try stage.workFolder())/tone.wav"
    try stage.outside(argv: ["python3", "-c", Self.makeTone, tone])
    // The home's own is not always the user's.
    settings = "\(stage.home)/work/settings"
    try stage.outside(shell: "mkdir -p \(settings)")
    server = try stage.start(
      [
        "/usr/bin/pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=no",
        "-L", "module-null-sink sink_name=out", "-L", "module-native-protocol-unix",
      ], extra: ["XDG_CONFIG_HOME=\(settings)"])
    let isThere = eventually { [stage] in (try? stage.run(["/usr/bin/pactl", "info"]))?.status == 0 }
    if isThere { return }
    server.signal(9)
    try #require(Bool(false), "no sound server: \(server.finish().everything)")
  }

  /// Runs something while everything that is played is recorded, outside; whether anything but silence was heard.
  func hears(_ body: () throws -> Void) throws -> Bool {
    let file = "\(stage.home)/work/heard"
    let recorder = try stage.start(
      ["/bin/sh", "-c", "exec parec -d out.monitor --raw --format=s16le --channels=1 --latency-msec=20 > \(file)"])
    defer {
      recorder.signal(15)
      _ = recorder.finish()
      unlink(file)
    }
    // The sink gives silence until somebody plays.
    try #require(eventually { Self.size(file) > 0 })
    try body()
    return eventually { (Self.bytes(file)).contains { $0 != 0 } }
  }

  /// The modules that are loaded, as text.
  func modules() throws -> String { try stage.outside(shell: "pactl list short modules") }

  /// Ends it, with what it has made.
  func end() {
    server.signal(15)
    _ = server.finish()
    _ = try? stage.outside(shell: "rm -rf \(stage.runtime)/pulse \(settings) \(tone)")
  }

  private static func size(_ file: String) -> Int {
    var facts = stat()
    return stat(file, &facts) == 0 ? facts.st_size : 0
  }

  private static func bytes(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var content = [UInt8](repeating: 0, count: 8 << 20)
    let count = fread(&content, 1, content.count, file)
    return Array(content.prefix(count))
  }
}
