// What the standard library has not in Embedded Swift, in which the installed `snug` is compiled, and only as far as it is
// used here.

#if hasFeature(Embedded)
  extension String {
    /// The text with each occurrence of a part replaced.
    public func replacing(_ part: String, with other: String) -> String {
      let (all, wanted) = (Array(utf8), Array(part.utf8))
      if wanted.isEmpty { return self }
      var out: [UInt8] = []
      var at = 0
      while at < all.count {
        if all[at...].starts(with: wanted) {
          out += Array(other.utf8)
          at += wanted.count
        } else {
          out.append(all[at])
          at += 1
        }
      }
      return String(decoding: out, as: UTF8.self)
    }
  }

  extension StringProtocol {
    /// Whether a part stands in it, byte for byte.
    public func contains(_ part: String) -> Bool {
      let (all, wanted) = (Array(utf8), Array(part.utf8))
      return wanted.isEmpty || all.indices.contains { all[$0...].starts(with: wanted) }
    }
  }
#endif
