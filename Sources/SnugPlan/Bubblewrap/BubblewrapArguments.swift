import SnugProfile

// Arguments of the option at hand, counted from 0.
extension BubblewrapParser {
  func argument(_ index: Int) -> [UInt8] { words[position + index] }

  /// A path or a name.
  func text(_ index: Int) throws(BubblewrapError) -> String {
    if let text = validText(argument(index)) { return text }
    throw refusal("\(name) takes text in UTF-8, not \(escaped(argument(index)))")
  }

  func descriptor(_ index: Int) throws(BubblewrapError) -> Int32 {
    if let number = number(index, base: 10, upTo: UInt64(Int32.max)) { return Int32(number) }
    throw refusal("Invalid fd: \(escaped(argument(index)))")
  }

  func mode() throws(BubblewrapError) -> UInt32 {
    if let number = number(0, base: 8, upTo: 0o7777) { return UInt32(number) }
    throw refusal("\(name) takes an octal argument <= 07777")
  }

  /// A size in bytes.
  func size() throws(BubblewrapError) -> UInt64 {
    let isDigit = argument(0).first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    guard isDigit, let size = number(0, base: nil, upTo: .max), size > 0 else {
      throw refusal("--size takes a non-zero number of bytes")
    }
    // Half of what an address reaches; the kernel would take more and mean less.
    let limit = UInt64.max / 2
    if size > limit { throw refusal("--size (for tmpfs) is limited to \(limit)") }
    return size
  }

  private func number(_ index: Int, base: UInt64?, upTo limit: UInt64) -> UInt64? {
    guard let (magnitude, isNegative) = readCNumber(argument(index), base: base) else { return nil }
    return magnitude <= limit && !(isNegative && magnitude > 0) ? magnitude : nil
  }

  func capabilityChange(
    each: (Int32) -> BubblewrapRequest.CapabilityChange, all: BubblewrapRequest.CapabilityChange
  ) throws(BubblewrapError) -> BubblewrapRequest.CapabilityChange {
    let word = argument(0)
    if isEveryCapability(word) { return all }
    if let number = capabilityNumber(word) { return each(number) }
    throw refusal("unknown cap: \(escaped(word))")
  }
}

// What options do to the request.
extension BubblewrapParser {
  mutating func bind(_ access: Access, skipsMissing: Bool) throws(BubblewrapError) {
    request.operations.append(
      .bind(source: try text(0), target: try text(1), access: access, skipsMissing: skipsMissing))
  }

  mutating func bindDescriptor(_ access: Access) throws(BubblewrapError) {
    request.operations.append(.bindDescriptor(try descriptor(0), target: try text(1), access: access))
  }

  mutating func bindData(_ access: Access) throws(BubblewrapError) {
    let (descriptor, target) = (try descriptor(0), try text(1))
    request.operations.append(
      .bindData(descriptor: descriptor, target: target, mode: takeMode(else: 0o600), access: access))
  }

  mutating func takeMode(else usual: UInt32) -> UInt32 {
    defer { pendingMode = nil }
    return pendingMode ?? usual
  }

  mutating func takeSize() -> UInt64? {
    defer { pendingSize = nil }
    return pendingSize
  }

  mutating func takeSources(atLeast count: Int, _ words: String) throws(BubblewrapError) -> [String] {
    if overlaySources.count < count { throw refusal("\(name) requires \(words) --overlay-src") }
    defer { overlaySources = [] }
    return overlaySources
  }

  mutating func unshareAll() {
    unshareUserIfPossible()
    request.unshareIPC = true
    request.unsharePID = true
    request.unshareNetwork = true
    request.unshareUTS = true
    request.unshareCgroupIfPossible = true
  }

  mutating func unshareUserIfPossible() {
    if request.userNamespace == .asNeeded { request.userNamespace = .ifPossible }
  }

  /// For options of which the last one counts: the warning comes before anything wrong with the argument.
  mutating func setLastDescriptor(
    _ property: (inout BubblewrapRequest, inout Int32?) -> Void
  ) throws(BubblewrapError) {
    var value: Int32?
    property(&request, &value)
    warnIfRepeated(value != nil)
    value = try descriptor(0)
    property(&request, &value)
  }

  mutating func setLastText(_ property: (inout BubblewrapRequest, inout String?) -> Void) throws(BubblewrapError) {
    var value: String?
    property(&request, &value)
    warnIfRepeated(value != nil)
    value = try text(0)
    property(&request, &value)
  }

  mutating func setLastID(
    _ property: (inout BubblewrapRequest, inout UInt32?) -> Void, called kind: String
  ) throws(BubblewrapError) {
    var value: UInt32?
    property(&request, &value)
    warnIfRepeated(value != nil)
    guard let id = number(0, base: 10, upTo: UInt64(Int32.max)) else {
      throw refusal("Invalid \(kind): \(escaped(argument(0)))")
    }
    value = UInt32(id)
    property(&request, &value)
  }

  mutating func setLabel(_ property: (inout BubblewrapRequest, inout String?) -> Void) throws(BubblewrapError) {
    try setLastText(property)
    if !caller.supportsLabels { throw refusal("labeling not supported on this system") }
  }

  mutating func setOnlyFilter() throws(BubblewrapError) {
    if !hasOnlyFilter, !request.filterDescriptors.isEmpty {
      throw refusal("--seccomp cannot be combined with --add-seccomp-fd")
    }
    warnIfRepeated(hasOnlyFilter)
    request.filterDescriptors = [try descriptor(0)]
    hasOnlyFilter = true
  }

  mutating func addFilter() throws(BubblewrapError) {
    if hasOnlyFilter { throw refusal("--add-seccomp-fd cannot be combined with --seccomp") }
    request.filterDescriptors.append(try descriptor(0))
  }
}
