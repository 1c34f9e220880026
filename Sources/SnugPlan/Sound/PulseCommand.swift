/// Commands of PulseAudio's native protocol that a client sends, by their numbers: `PA_COMMAND_*` of its `native-common.h`.
/// A number keeps its meaning for good: new commands are appended.
///
/// Listed are those that an app needs to play sound. Every other number is refused, also one that does not exist yet.
enum PulseCommand {
  /// What a command may do.
  enum Verdict: Equatable {
    /// It goes on.
    case allowed
    /// It goes on where its first argument is a stream of the same connection.
    case ownStream
    /// It is answered with an error.
    case refused
  }

  static let error: UInt32 = 0
  static let reply: UInt32 = 2
  static let createPlaybackStream: UInt32 = 3
  static let deletePlaybackStream: UInt32 = 4
  static let authenticate: UInt32 = 8
  static let subscribe: UInt32 = 35

  /// What passes. Nothing here reads from a source, looks at other programs' streams, or changes the server.
  static func verdict(_ number: UInt32) -> Verdict {
    switch number {
    case createPlaybackStream, deletePlaybackStream, authenticate, subscribe: .allowed
    // SET_CLIENT_NAME, LOOKUP_SINK, DRAIN_PLAYBACK_STREAM, STAT, GET_PLAYBACK_LATENCY
    case 9, 10, 12, 13, 14: .allowed
    // PLAY_SAMPLE: what the server has; uploads would replace the sounds of others.
    case 18: .allowed
    // GET_SERVER_INFO, GET_SINK_INFO, GET_SINK_INFO_LIST
    case 20, 21, 22: .allowed
    // GET_SINK_INPUT_INFO
    case 29: .ownStream
    // SET_SINK_INPUT_VOLUME
    case 37: .ownStream
    // CORK_PLAYBACK_STREAM, FLUSH_PLAYBACK_STREAM, TRIGGER_PLAYBACK_STREAM
    case 41, 42, 43: .allowed
    // SET_PLAYBACK_STREAM_NAME
    case 46: .allowed
    // PREBUF_PLAYBACK_STREAM
    case 60: .allowed
    // MOVE_SINK_INPUT, SET_SINK_INPUT_MUTE
    case 67, 69: .ownStream
    // SET_PLAYBACK_STREAM_BUFFER_ATTR, UPDATE_PLAYBACK_STREAM_SAMPLE_RATE
    case 72, 74: .allowed
    // UPDATE_PLAYBACK_STREAM_PROPLIST, UPDATE_CLIENT_PROPLIST
    case 81, 82: .allowed
    // REMOVE_PLAYBACK_STREAM_PROPLIST, REMOVE_CLIENT_PROPLIST
    case 84, 85: .allowed
    default: .refused
    }
  }

  /// What the app may hear of: sinks, streams and the server; not sources, recorders, modules, clients, samples, cards.
  static let heardFacilities: UInt32 = 0x0001 | 0x0004 | 0x0080
}

/// Why a connection is ended: what came is no frame of the protocol, and nothing that follows can be trusted.
public enum PulseProblem: Error, Hashable, Sendable {
  /// A frame of no bytes, or of more than the protocol allows.
  case length
  /// Flags that ask for shared memory, or that no frame has.
  case flags
  /// A command whose values cannot be read.
  case values
  /// Something else before the client has named its version.
  case order
}
