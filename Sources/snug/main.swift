import CSnug
import SnugStart

// ArgumentParser declares `run` and `exec` too, for help and completions, but its own start costs more than a sandbox's.
enter(
  help: { command in
    switch command {
    case .run: answer(Snug.helpMessage(for: RunCommand.self) + "\n")
    case .exec: answer(Snug.helpMessage(for: ExecCommand.self) + "\n")
    }
    csnug_exit(0)
  },
  others: { words in Snug.main(words.dropFirst().map { String(decoding: $0, as: UTF8.self) }) })
