import SnugPlan
import SnugProfile

extension Rule {
  static let readableSecrets = Rule(
    "readable-secrets", .warning,
    what: "Keys or passwords that are not the app's own can be read",
    why: """
      Who can read a private key, a cookie store or a token can use it from anywhere, as soon as the app has a \
      network, or writes a file that something else sends on.
      """,
    example: """
      [files]
      read = ["~/.ssh"]
      """,
    safer: """
      [files]
      read = [{ path = "~/.ssh/known_hosts", if-missing = "skip" }]
      """
  ) { subject in
    var lines = LinesByOrigin()
    // Where they can be changed as well, other rules tell of it.
    for sight in subject.exposure.sights where !sight.isWritable && subject.holdsHome(sight) {
      lines.add("the whole home, with all keys and passwords in it", at: sight.origin)
    }
    for (place, app) in secretPlaces where !subject.isOwnApp(app) {
      guard let path = subject.context.absolute(place), subject.host.look(path).isThere else { continue }
      for sight in subject.exposure.sights(of: subject.real(path))
      where !sight.isWritable && !subject.holdsHome(sight) {
        lines.add(place, at: sight.origin)
      }
    }
    for (key, origin) in subject.readableKeys { lines.add(key, at: origin) }
    return lines.findings {
      Finding("the app can read \($1)", at: $0, hint: "grant only the files that it needs, or hide this one")
    }
  }
}

/// Places of secrets, each with the app that they belong to.
private let secretPlaces = [
  ("~/.ssh", "ssh"), ("~/.gnupg", "gpg"), ("~/.password-store", "pass"), ("xdg-data/keyrings", "gnome-keyring"),
  ("xdg-data/kwalletd", "kwalletd"), ("~/.pki", "nss"), ("~/.mozilla", "mozilla"), ("~/.thunderbird", "thunderbird"),
  ("xdg-config/chromium", "chromium"), ("xdg-config/google-chrome", "google-chrome"),
  ("xdg-config/BraveSoftware", "brave"), ("xdg-config/gh", "gh"), ("xdg-config/gcloud", "gcloud"),
  ("xdg-config/op", "op"), ("xdg-config/rclone", "rclone"), ("~/.aws", "aws"), ("~/.azure", "az"),
  ("~/.kube", "kubectl"), ("~/.docker/config.json", "docker"), ("~/.netrc", "curl"), ("~/.git-credentials", "git"),
  ("xdg-config/git/credentials", "git"), ("~/.npmrc", "npm"), ("~/.pypirc", "twine"),
  ("~/.cargo/credentials.toml", "cargo"),
]

extension Subject {
  /// Private keys of SSH that are granted one by one, by the names that ssh-keygen(1) gives them.
  fileprivate var readableKeys: [(String, Origin)] {
    guard let directory = context.absolute("~/.ssh").map({ real($0) }), !isOwnApp("ssh") else { return [] }
    return exposure.sights.compactMap { sight in
      guard sight.type == .file, !sight.isWritable, isAtOrBelow(sight.source, directory),
        let name = components(sight.source).last, name.hasPrefix("id_"), !name.hasSuffix(".pub")
      else { return nil }
      return ("~/.ssh/\(name)", sight.origin)
    }
  }
}
