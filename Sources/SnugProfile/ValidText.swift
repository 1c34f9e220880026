/// The text that bytes are; nil where they are not UTF-8.
///
/// In place of `String(validating:as:)`, which the standard library leaves generic: at each start it would look up some ten
/// types by name for every word that is read.
public func validText(_ bytes: [UInt8]) -> String? {
  let text = String(decoding: bytes, as: UTF8.self)
  // What is not UTF-8 was replaced by U+FFFD, which shows in the bytes.
  return text.utf8.count == bytes.count && text.utf8.elementsEqual(bytes) ? text : nil
}

/// The same for a part of an array.
public func validText(_ bytes: ArraySlice<UInt8>) -> String? { validText(Array(bytes)) }
