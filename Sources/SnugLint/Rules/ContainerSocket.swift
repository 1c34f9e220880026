extension Rule {
  static let containerSocket = Rule(
    "container-socket", .error,
    what: "The socket of a service that starts containers or virtual machines is seen",
    why: """
      Who may talk to docker, podman, libvirt and their like starts a container that has the whole machine mounted: \
      that is root, or all that you may, outside of the sandbox. Read-only makes no difference for a socket.
      """,
    example: """
      [files]
      read = ["/run/docker.sock"]
      """,
    safer: """
      [files]
      read = ["/srv"]
      """
  ) { subject in
    subject.seeing(
      containerSockets, "who listens there starts programs outside, with the whole machine for them",
      hint: "take the grant out; no rule on the way can make it safe")
  }
}

private let containerSockets = [
  "/run/docker.sock", "/var/run/docker.sock", "xdg-run/docker.sock", "~/.docker/run/docker.sock",
  "~/.docker/desktop/docker.sock", "/run/podman/podman.sock", "xdg-run/podman/podman.sock",
  "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/libvirt/libvirt-sock", "xdg-run/libvirt/libvirt-sock",
  "/run/libvirt/virtqemud-sock", "xdg-run/libvirt/virtqemud-sock", "/var/lib/lxd/unix.socket",
  "/var/snap/lxd/common/lxd/unix.socket", "/var/lib/incus/unix.socket",
]
