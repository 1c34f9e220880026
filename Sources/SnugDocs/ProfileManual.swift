import SnugPlan
import SnugProfile

/// `snug-profile.5`: the format, with every key out of the list of keys.
public func profileManual() -> String {
  var blocks = profileManualOpening
  var tables: [String] = []
  for key in Key.all where !tables.contains(key.table) && key.kind != .table { tables.append(key.table) }
  for table in tables { blocks += describe(table: table) }
  blocks.append(.section("EXACT OPERATIONS"))
  blocks += exactOpsOpening
  blocks.append(.items(exactOpFields.map { ($0.op, [.items($0.fields.map(describe))]) }))
  return ManualPage(
    name: "snug-profile", section: 5, description: "what a Snug profile says", blocks: blocks + profileManualClosing
  ).source
}

private func describe(table: String) -> [Block] {
  let keys = Key.all.filter { $0.table == table && $0.kind != .table }
  var blocks: [Block] = [.section(table.isEmpty ? "KEYS AT THE TOP" : "KEYS OF [\(table)]")]
  if let help = tableHelp[table] ?? Key.named(table).map(sentence) { blocks.append(.text(help)) }
  if table == "files" { blocks += filesOpening }
  return blocks + [.items(keys.map(describe))]
}

private func describe(_ key: Key) -> (head: String, body: [Block]) {
  var text = sentence(key) + " " + capitalised(key.kind.expected) + "."
  if case .list = key.kind { text += " Layers append to it." }
  if case .replacedList = key.kind { text += " A later layer replaces it." }
  text += key.defaultText.map { " Default: `\($0)`." } ?? ""
  return (key.name, [.text(text)] + (keyNotes[key.name].map { [.text($0)] } ?? []))
}

private func describe(_ field: Field) -> (head: String, body: [Block]) {
  (field.name, [.text(capitalised(field.kind.expected) + "." + (field.isRequired ? " It must be there." : ""))])
}

private func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
