extension Rule {
  static let virtualMachines = Rule(
    "virtual-machines", .hint,
    what: "The app can make virtual machines",
    why: """
      Through /dev/kvm a program runs code in a mode that no filter of system calls sees, in a part of the kernel in which \
      ways out have been found. Where the app is there for that, say so.
      """,
    example: """
      [devices]
      kvm = true
      """,
    safer: """
      [devices]
      gpu = true
      """
  ) { subject in
    let key = subject.profile.devices.kvm
    if !key.value { return [] }
    return [
      Finding(
        "the app can make virtual machines, which no filter looks into", at: key.origin,
        hint: "where it has to, write # snug: allow virtual-machines and why")
    ]
  }
}
