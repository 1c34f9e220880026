extension Rule {
  static let soundRecording = Rule(
    "sound-recording", .warning,
    what: "The app can record, and change the sound server",
    why: """
      A sound server's own socket gives the microphone and what other programs play at any time, and PulseAudio loads \
      modules for whoever asks, which open files and connections outside. Playing alone needs none of that.
      """,
    example: """
      [desktop]
      audio = true
      """,
    safer: """
      [desktop]
      audio = "playback"
      """
  ) { subject in
    var found: [Finding] = []
    let audio = subject.profile.desktop.audio
    if audio.value == .full {
      found.append(Finding("the app can record and load modules into the sound server", at: audio.origin, hint: hint))
    }
    let sockets = ["xdg-run/pulse/native", "xdg-run/pulse/cli", "xdg-run/pipewire-0", "xdg-run/pipewire-0-manager"]
    return found
      + subject.seeing(sockets, "it can record", hint: hint).filter { audio.value == .off || $0.origin != audio.origin }
  }
}

private let hint = "set audio = \"playback\"; where it has to record, write # snug: allow sound-recording and why"
