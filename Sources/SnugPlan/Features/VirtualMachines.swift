import SnugProfile

extension Draft {
  /// `devices.kvm`: the node that virtual machines are made through, see the kernel's `virt/kvm/api.rst`.
  mutating func addVirtualMachines() {
    guard profile.devices.kvm.value else { return }
    let origin = profile.devices.kvm.origin
    if showDevice("/dev/kvm", from: origin) { return }
    skip(
      "/dev/kvm", "this machine has none: virtual machines run by software, or not at all", at: origin,
      hint: "turn virtualisation on in the machine's firmware, and load the module kvm_intel or kvm_amd")
  }
}
