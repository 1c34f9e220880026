import SnugPlan
import SnugProfile
import SnugSandbox

/// Makes ready what portals know of an instance, and what the document portal lends it; nil where nothing is to be told.
///
/// Called when the buses are ready: without them there are no portals either.
func preparePortals(_ plan: inout Plan, _ host: Host) throws(Sandbox.Failure) -> PortalIdentity? {
  guard plan.portals != nil else { return nil }
  do throws(Diagnostic) {
    try lendFiles(&plan)
  } catch {
    throw Sandbox.Failure(status: 125, diagnostic: error)
  }
  if let policy = plan.portals, policy.documents != nil, !isDirectory(policy.ownDocuments, host) {
    // No protection hangs on it: without the portal nobody gives the app a document.
    let why = startDocumentPortal()
    if why != nil || !isDirectory(policy.ownDocuments, host) { plan.removeDocuments() }
  }
  guard let policy = plan.portals, plan.bus?.buses.contains(where: { $0.kind == .session }) == true,
    let runtime = host.runtimeDirectory
  else { return nil }
  return PortalIdentity(policy, runtimeDirectory: runtime)
}

/// Puts the document portal's names in the place of the files that it lends.
func lendFiles(_ plan: inout Plan) throws(Diagnostic) {
  guard let policy = plan.portals, !policy.lent.isEmpty else { return }
  plan.setLent(try lendFiles(policy))
}

private func isDirectory(_ path: String, _ host: Host) -> Bool {
  if case .exists(_, .directory, _, _) = host.look(path) { true } else { false }
}
