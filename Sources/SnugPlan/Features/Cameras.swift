import SnugProfile

extension Draft {
  /// `devices.camera`: the nodes of Video4Linux, with those of media controllers that newer cameras are set up by.
  mutating func addCameras() {
    guard profile.devices.camera.value else { return }
    let origin = profile.devices.camera.origin
    var isFound = false
    for name in numbered(["video", "media", "v4l-subdev"], in: "/dev") where showDevice("/dev/" + name, from: origin) {
      isFound = true
      let place = name.hasPrefix("media") ? "/sys/bus/media/devices/" : "/sys/class/video4linux/"
      describeDevice(place + name, from: origin)
    }
    if !isFound { skip("camera", "there is no /dev/video*", at: origin) }
  }
}
