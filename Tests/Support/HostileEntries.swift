/// An entry written to be taken for something else than it is.
package struct HostileEntry: Sendable {
  /// What a person sees in a test's message.
  package var name: String
  /// The text; `PROG` stands for the program.
  package var text: String
  /// Why it is refused; nil where it is wrapped.
  package var refusal: String?
}

/// Fifty and some desktop entries with everything awkward that the specification allows, and more that it does not.
package let hostileEntries: [HostileEntry] =
  lines.map { line, refusal in
    HostileEntry(
      name: line, text: "[Desktop Entry]\nType=Application\nName=Hostile\nExec=\(line)\n",
      refusal: refusal.map { "line 4: Exec has \($0)" })
  }
  + texts.map { name, text, refusal in
    HostileEntry(name: name, text: text, refusal: refusal)
  }

/// Values of `Exec`, and why they are refused.
private let lines: [(String, String?)] = [
  ("PROG %U", nil), ("PROG %F", nil), ("PROG %f", nil), ("PROG %u", nil), ("PROG", nil),
  ("PROG --player=pseudo-gui -- %U", nil), ("PROG -- %f", nil), ("PROG --open=%f --last", nil), ("PROG - %F", nil),
  ("PROG 100%% %f", nil), ("PROG %%f %f", nil), ("PROG --=%%%u%%", nil), ("PROG %%%% %U", nil),
  (#"PROG "a b" %f"#, nil), (#"PROG "" %f"#, nil), (#"PROG "\\$HOME" "\\`id\\`" %u"#, nil),
  (#"PROG "\\"" "\\\\" "'" %U"#, nil), (##"PROG "a;b" "a|b" "a&b" "(a)" "<a>" "*" "?" "#" "~" %F"##, nil),
  (#"PROG "100%%" %f"#, nil), (#"PROG "line\nline" %f"#, nil), (#"PROG "tab\tand\rreturn" %f"#, nil),
  (#""PROG" %f"#, nil), (#"PROG   two\s\sblanks   %f  "#, nil), ("PROG a=b c:d,e [f] {g} ! ^ @ + %f", nil),
  ("PROG @@u %u @@", nil), ("PROG @@ %f @@", nil), ("PROG %m %f %d %D %n %N %v", nil), ("PROG x%mx %f", nil),
  ("PROG ünïcödé 日本 \u{1F600} %f", nil), ("PROG --option=\(String(repeating: "long", count: 20_000)) %f", nil),
  ("PROG \(String(repeating: "word ", count: 2_000))%f", nil), ("env A=b C= PROG %f", nil),
  (#"env "A=b c" "D=\\$e" PROG %f"#, nil), ("PROG %c %f", nil), ("PROG --name=%c %f", nil),
  ("PROG -p other -- %f", nil),
  ("PROG %f %F", "more than one field code for files"), ("PROG 'a b' %f", "' outside of quotes"),
  ("PROG $(id) %f", "$ outside of quotes"), ("PROG %f; id", "; outside of quotes"),
  ("PROG %f && id", "& outside of quotes"),
  ("PROG `id`", "` outside of quotes"), (#"PROG "$(id)""#, "$ in quotes without a backslash"),
  (#"PROG "%f""#, "a field code in quotes"), ("PROG %F.txt", "%F as a part of a word"),
  ("PROG %q", "a field code that is unknown"),
  ("PROG %", "% at the end"), (#"PROG "a"#, "quotes that do not end"), (#"PROG a"b""#, "\" outside of quotes"),
  (#"PROG "a\"b""#, "a backslash before what is no escape"), (#"PROG a\nid"#, "a control character"),
  ("A=b PROG", "a program with = in its name"), ("%f PROG", "a field code in place of a program"), ("", "no program"),
]

/// Whole texts, and why they are refused.
private let texts: [(String, String, String?)] = [
  ("no newline at the end", "[Desktop Entry]\nType=Application\nName=x\nExec=PROG %f", nil),
  ("blanks around everything", "[Desktop Entry]  \nType =\tApplication\nName = x \nExec \t= PROG %f\n", nil),
  (
    "comments and blank lines",
    "#!/usr/bin/env xdg-open\n\n# Exec=id\n[Desktop Entry]\n\nType=Application\nName=x\n#\nExec=PROG %f\n\n\n", nil
  ),
  (
    "keys of other groups",
    "[Desktop Entry]\nType=Application\nName=x\nExec=PROG %f\n[X-Other]\nExec=PROG -x\nName=y\n",
    nil
  ),
  (
    "locales", "[Desktop Entry]\nType=Application\nName=x\nName[de]=ä\nName[sr@latin]=š\nIcon[de]=x\nExec=PROG %f\n",
    nil
  ),
  (
    "a huge comment",
    "#\(String(repeating: "=", count: 300_000))\n[Desktop Entry]\nType=Application\nName=x\nExec=PROG %f\n", nil
  ),
  ("our own marks", "[Desktop Entry]\nType=Application\nName=x\nX-Snug-Source=/etc/x\nExec=PROG %f\n", nil),
  (
    "an Exec of another language", "[Desktop Entry]\nType=Application\nExec=PROG\nExec[de]=id\n",
    "line 4: Exec has a locale"
  ),
  (
    "an Exec that is expanded", "[Desktop Entry]\nType=Application\nExec=PROG\nExec[$e]=$HOME/x\n",
    "line 4: Exec has a locale"
  ),
  ("two of it", "[Desktop Entry]\nType=Application\nExec=PROG\nExec=id\n", "line 4: a second Exec in one group"),
  (
    "a group twice", "[Desktop Entry]\nType=Application\nExec=PROG\n[Desktop Entry]\nExec=id\n",
    "line 4: a second group [Desktop Entry]"
  ),
  ("a blank before it", "[Desktop Entry]\nType=Application\nExec=PROG\n Exec=id\n", "line 4: it begins with a blank"),
  ("a carriage return", "[Desktop Entry]\r\nType=Application\r\nExec=PROG\r\n", "line 1: it holds a carriage return"),
  (
    "one in a comment", "[Desktop Entry]\n# x\rExec=id\nType=Application\nExec=PROG\n",
    "line 2: it holds a carriage return"
  ),
  (
    "a byte order mark", "\u{FEFF}[Desktop Entry]\nType=Application\nExec=PROG\n",
    "line 1: neither a group nor a key with a value"
  ),
  ("a NUL", "[Desktop Entry]\nType=Application\nExec=PROG\u{0}id\n", "line 3: it holds a control character"),
]
