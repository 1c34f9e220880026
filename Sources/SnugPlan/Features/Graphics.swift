import SnugProfile

extension Draft {
  /// `devices.gpu`: the render nodes, which draw and compute but neither set a screen's mode nor see what is on it, what
  /// sysfs tells of exactly these devices, and the settings of drivers. See drm(7).
  mutating func addGraphics() {
    guard profile.devices.gpu.value else { return }
    let origin = profile.devices.gpu.origin
    var isFound = false
    for name in numbered(["renderD"], in: "/dev/dri") where showDevice("/dev/dri/" + name, from: origin) {
      isFound = true
      describeDevice("/sys/class/drm/" + name, from: origin)
    }
    // NVIDIA's own driver, Mali's, and that of Linux in Windows have nodes of their own.
    let others =
      numbered(["nvidia", "mali"], in: "/dev")
      + ["nvidiactl", "nvidia-modeset", "nvidia-uvm", "nvidia-uvm-tools", "mali", "dxg"]
    for name in others where showDevice("/dev/" + name, from: origin) { isFound = true }
    if !isFound {
      skip("graphics card", "there is no /dev/dri/renderD* that you see: programs draw by themselves", at: origin)
      return
    }
    for name in ["nvidia", "nvidia_drm", "nvidia_modeset", "nvidia_uvm"] { show("/sys/module/" + name, from: origin) }
    if profile.files.root.value == .system {
      for name in ["OpenCL", "drirc", "egl", "glvnd", "libva.conf", "nvidia", "vulkan"] { pick(name, from: origin) }
    }
    show(joined(host.home, ".drirc"), from: origin)
  }
}
