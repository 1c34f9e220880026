import ArgumentParser
import SnugPlan
import SnugProfile
import SnugStart

/// `snug explain`: what the app can see, change and reach, in plain words, and answers to single questions.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Tell in plain words what the program can see, change and reach, and why.",
    usage: "snug explain NAME|FILE [--json] [OPTIONS OF RUN] [QUERY...]",
    discussion: """
      Without QUERY everything is told, the worst first. A QUERY is a path (/x, ~/x, xdg-music/x, ./x), a name on a bus \
      (bus:org.freedesktop.Notifications, bus:system:org.bluez), a TCP port (tcp:443, tcp:example.org:443) or a system \
      call (syscall:ptrace). The answer names the lines that decide, and what would grant it least.
      """)

  @Flag(help: "As JSON.") var json = false
  @Argument(
    parsing: .allUnrecognized, help: ArgumentHelp("Profile, options of run, questions.", valueName: "name|file"))
  var words: [String] = []

  func run() throws {
    var rest = words
    guard let name = rest.first, !name.hasPrefix("-") else { throw usage(Diagnostic("no profile is given")) }
    rest.removeFirst()
    let request: RunRequest
    do throws(RunRequest.UsageError) {
      request = try RunRequest.parse(rest.map { Array($0.utf8) }, name: Array(name.utf8))
    } catch {
      throw usage(Diagnostic(error.message))
    }
    let session = Session()
    let asked = request.namesProgram ? request.words : Array(request.words.dropFirst())
    let questions = try queries(asked.map { String(decoding: $0, as: UTF8.self) }, session)
    do throws(ProfileErrors) {
      let merged = try session.merge(name, request.settings)
      let start = try session.compiled { () throws(CompileError) in
        try prospect(of: merged.profile, on: session.host)
      }
      if !questions.isEmpty { return try tell(questions, start) }
      let explanation = explain(start)
      answer(json ? explanation.json.pretty + "\n" : explanation.text)
    } catch {
      say(error.text + "\n")
      throw Status(code: 1)
    }
  }

  private func queries(_ words: [String], _ session: Session) throws -> [(asked: String, query: Query)] {
    var questions: [(asked: String, query: Query)] = []
    for word in words {
      do throws(Diagnostic) {
        questions.append((word, try Query(word) { path throws(Diagnostic) in try session.loader.path(asked: path) }))
      } catch {
        throw usage(error)
      }
    }
    return questions
  }

  private func usage(_ diagnostic: Diagnostic) -> Status {
    var diagnostic = diagnostic
    if diagnostic.hint == nil { diagnostic.hint = "snug explain --help" }
    say(diagnostic.text + "\n")
    return Status(code: 2)
  }

  /// What can be answered is; the rest is told on standard error.
  private func tell(_ questions: [(asked: String, query: Query)], _ prospect: Prospect) throws(ProfileErrors) {
    var questioner = Questioner(prospect)
    var answers: [Answer] = []
    var problems: [Diagnostic] = []
    for question in questions {
      do throws(Diagnostic) {
        answers.append(try questioner.answer(question.query, asked: question.asked))
      } catch {
        problems.append(error)
      }
    }
    // An array of answers has no room for anything else.
    if json { say(obstacleText(prospect.obstacles)) }
    answer(json ? JSON.list(answers.map(\.json)).pretty + "\n" : obstacleText(prospect.obstacles) + answerText(answers))
    if !problems.isEmpty { throw ProfileErrors(diagnostics: problems) }
  }
}
