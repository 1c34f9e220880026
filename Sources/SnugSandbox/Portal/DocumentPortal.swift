import SnugPlan
import SnugProfile

// Asking the document portal, through the helper. Runs in the launcher, before it starts anything.

/// Has the document portal lend files to an app.
///
/// - Returns: the documents' ids, in the order of the files.
/// - Throws: what is in the way.
public func lendFiles(_ policy: PortalPolicy) throws(Diagnostic) -> [String] {
  let files = policy.lent
  do throws(BusHelperFailure) {
    let printed = try callBusHelper(["documents", policy.id] + files.map({ $0.path }))
    let ids = String(decoding: printed, as: UTF8.self).split(separator: "\n").map(String.init)
    // An id becomes a name of a path.
    guard ids.count == files.count, ids.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(UInt8(ascii: "/")) }) else {
      throw BusHelperFailure(reason: "the document portal answered for \(ids.count) of \(files.count) files")
    }
    return ids
  } catch {
    let what = files.count == 1 ? files[0].written : "\(files.count) files"
    throw Diagnostic(
      "cannot lend \(what) to the app: \(error.reason)", at: policy.origin,
      hint: "install the package xdg-desktop-portal, or set files.arguments = \"read\"")
  }
}

/// Has the bus start the document portal, where it does not run yet.
///
/// - Returns: why it cannot be had; nil where it runs.
public func startDocumentPortal() -> String? {
  do throws(BusHelperFailure) {
    try callBusHelper(["documents", "--timeout", "3"])
    return nil
  } catch {
    return error.reason
  }
}
