import CSnug
import SnugPlan

/// One end of a connection between a client and a launcher.
public struct ControlSocket: Hashable, Sendable {
  /// Its number; whoever made the connection closes it.
  public let descriptor: Int32

  /// Speaks over a connected seqpacket socket.
  public init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Sends a packet with copies of descriptors. Returns the errno: EMSGSIZE where it is too long, EPIPE where the other
  /// side is gone, EAGAIN where it does not read and the socket does not block.
  public func send(_ json: JSON, _ descriptors: [Int32] = []) -> Int32? {
    let bytes = Array(json.line.utf8)
    if bytes.count > controlPacketLimit { return 90 }
    let sent = unsafe csnug_send_descriptors(descriptor, bytes, bytes.count, descriptors, descriptors.count)
    return sent < 0 ? Int32(-sent) : nil
  }

  /// The next packet and its descriptors, at most three, which are the caller's to close; nil at the end of file. A packet
  /// that is too long, that carries more or that is no JSON is an error, and nothing of it stays open.
  public func receive() throws(ControlError) -> (json: JSON, descriptors: [Int32])? {
    let length = csnug_next_length(descriptor)
    if length <= 0 { return nil }
    if length > controlPacketLimit { throw ControlError("a packet of \(length) bytes") }
    var bytes = [UInt8](repeating: 0, count: length)
    var descriptors: [Int32] = [-1, -1, -1]
    var number = descriptors.count
    var sender: Int32 = 0
    let count = unsafe csnug_receive_descriptors(
      descriptor, &bytes, bytes.count, &descriptors, &number, &sender)
    if count == 0 || count == -104 { return nil }
    if count < 0 { throw ControlError(errorText(Int32(-count))) }
    descriptors.removeLast(descriptors.count - number)
    do {
      return (try JSON(parsing: bytes), descriptors)
    } catch {
      for descriptor in descriptors { _ = csnug_close(descriptor) }
      throw ControlError("no JSON: \(error)")
    }
  }

  /// Closes it.
  public func close() { _ = csnug_close(descriptor) }
}
