/// Stands between an app and a PulseAudio server on one connection, and lets pass what plays sound.
///
/// It takes bytes as they come, in pieces of any size, and holds what is to be sent on. Commands are kept until they are
/// whole, judged by `PulseCommand` and written anew; samples flow through. No descriptor ever passes, and the app's
/// offer to use shared memory is taken out, so that the server never makes one. What is refused is answered here, under
/// the command's own tag: the app reads "access denied" and goes on.
public struct PulseFilter: Sendable {
  /// What waits to be sent to the server.
  public private(set) var toServer: [UInt8] = []
  /// What waits to be sent to the app.
  public private(set) var toApp: [UInt8] = []

  private var app = Reader()
  private var server = Reader()
  /// Answers that wait for the end of a frame of the server's.
  private var answers: [UInt8] = []
  private var hasAuthenticated = false
  /// Tags of commands that went on and are not answered yet, and whether each asks for a stream.
  private var open: [UInt32: Bool] = [:]
  /// Streams of this connection: the server's number for each, by the channel that its samples come on.
  private var streams: [UInt32: UInt32] = [:]
  /// More than any app plays at once.
  private static let mostStreams = 1024
  /// More than any app sends before it reads an answer.
  private static let mostOpen = 16 << 10

  /// Makes the filter of one connection.
  public init() {}

  /// Tells that the first bytes that waited for the server were sent.
  public mutating func sentToServer(_ count: Int) { toServer.removeFirst(count) }
  /// Tells that the first bytes that waited for the app were sent.
  public mutating func sentToApp(_ count: Int) { toApp.removeFirst(count) }

  /// Takes what the app has sent.
  ///
  /// - Throws: where the connection must end.
  public mutating func takeFromApp(_ bytes: ArraySlice<UInt8>) throws(PulseProblem) {
    var rest = bytes
    while let piece = app.next(&rest, keepsAll: true) {
      switch piece {
      case .head(let frame):
        try frame.judge()
        if !frame.isControl {
          if !hasAuthenticated { throw .order }
          toServer += frame.bytes
        }
      case .samples(let samples): toServer += samples
      case .command(let values):
        guard let packet = PulsePacket(values) else { throw .values }
        try judge(packet)
      }
    }
    if server.isBetweenFrames { flushAnswers() }
  }

  /// Takes what the server has sent. It is the user's own and is believed; of the frames only the ends are looked for,
  /// and which streams it has given.
  ///
  /// - Throws: where the connection must end.
  public mutating func takeFromServer(_ bytes: ArraySlice<UInt8>) throws(PulseProblem) {
    var rest = bytes
    while let piece = server.next(&rest, keepsAll: false) {
      switch piece {
      case .head(let frame):
        if frame.length == 0 || frame.length > PulseFrame.longest { throw .length }
        toApp += frame.bytes
      case .samples(let samples): toApp += samples
      case .command(let beginning): note(beginning)
      }
      if server.isBetweenFrames { flushAnswers() }
    }
  }

  // MARK: - Commands

  private mutating func judge(_ packet: PulsePacket) throws(PulseProblem) {
    let command = packet.command
    if !hasAuthenticated, command != PulseCommand.authenticate { throw .order }
    // With one tag for two commands the answer to the one could be taken for that to the other, and name a stream of
    // somebody else's.
    if open[packet.tag] != nil || open.count >= Self.mostOpen { throw .order }
    let asksForStream = command == PulseCommand.createPlaybackStream
    var isAllowed =
      switch PulseCommand.verdict(command) {
      case .allowed: true
      case .ownStream: packet.firstNumber.map { index in streams.contains { $0.value == index } } ?? false
      case .refused: false
      }
    if asksForStream, streams.count >= Self.mostStreams { isAllowed = false }
    if !isAllowed {
      answers += PulsePacket.refusal(of: packet.tag)
      return
    }
    var passed = try packet.withHarmlessProperties()
    switch command {
    case PulseCommand.authenticate:
      // The two highest bits offer shared memory and memory by descriptor.
      guard let version = passed.firstNumber else { throw .values }
      passed.setFirstNumber(version & 0xffff)
      hasAuthenticated = true
    case PulseCommand.subscribe:
      guard let facilities = passed.firstNumber else { throw .values }
      passed.setFirstNumber(facilities & PulseCommand.heardFacilities)
    case PulseCommand.deletePlaybackStream: if let channel = passed.firstNumber { streams[channel] = nil }
    default: break
    }
    open[packet.tag] = asksForStream
    toServer += PulseFrame.control(length: UInt32(passed.bytes.count)).bytes + passed.bytes
  }

  /// The answer to a request for a stream names its channel and its number.
  private mutating func note(_ beginning: [UInt8]) {
    guard let packet = PulsePacket(beginning), [PulseCommand.reply, PulseCommand.error].contains(packet.command),
      open.removeValue(forKey: packet.tag) == true, packet.command == PulseCommand.reply,
      let channel = packet.firstNumber, beginning.count >= 20
    else { return }
    streams[channel] = bigEndian(beginning, 16)
  }

  /// Between two frames of the server's, else they would stand in the middle of one.
  private mutating func flushAnswers() {
    toApp += answers
    answers = []
  }
}

extension PulseFilter {
  /// A piece of a direction's bytes.
  private enum Piece {
    case head(PulseFrame)
    /// Bytes of a frame that goes on as it comes.
    case samples(ArraySlice<UInt8>)
    /// A command: whole, or the first bytes of one that has gone on.
    case command([UInt8])
  }

  /// Finds the frames in one direction.
  private struct Reader: Sendable {
    /// As much of a command as tells which stream it gives.
    private static let beginning = 20

    private var head: [UInt8] = []
    private var isControl = false
    private var left = 0
    private var kept: [UInt8] = []

    /// Whether the last frame is complete and no other has begun.
    var isBetweenFrames: Bool { head.isEmpty && left == 0 && kept.isEmpty }

    /// The next piece; nil where more bytes are needed. `keepsAll`: commands come whole, and only so; else they go on
    /// as samples do, and their beginning comes behind.
    mutating func next(_ bytes: inout ArraySlice<UInt8>, keepsAll: Bool) -> Piece? {
      if left == 0, !kept.isEmpty {
        defer { kept = [] }
        return .command(kept)
      }
      if bytes.isEmpty { return nil }
      if left == 0 {
        let part = bytes.prefix(PulseFrame.size - head.count)
        head += part
        bytes = bytes.dropFirst(part.count)
        if head.count < PulseFrame.size { return nil }
        let frame = PulseFrame(bytes: head)
        head = []
        (isControl, left) = (frame.isControl, Int(frame.length))
        return .head(frame)
      }
      let part = bytes.prefix(left)
      bytes = bytes.dropFirst(part.count)
      left -= part.count
      if isControl, keepsAll {
        kept += part
        return left == 0 ? next(&bytes, keepsAll: keepsAll) : nil
      }
      if isControl { kept += part.prefix(max(0, Self.beginning - kept.count)) }
      return .samples(part)
    }
  }
}
