#include "ctoml.h"

// The parser's own bound on recursion; dots of a key are bounded below, so that the tree's depth is, and with it the
// stack that the destructor of a tree takes.
#define TOML_MAX_NESTED_VALUES CTOML_MAX_NESTED

// toml++ 3.3 asserts where it should refuse, for example on "[[[": an abort in debug builds, undefined behaviour in
// release builds. Here a failed assertion is thrown in both.
namespace {
struct FailedAssertion {};
inline void require(bool condition) {
  if (!condition) throw FailedAssertion{};
}
}  // namespace
#undef NDEBUG
#define TOML_ASSERT(expr) require(static_cast<bool>(expr))
#include <toml++/toml.h>

#include <new>
#include <string>
#include <vector>

struct ctoml_document {
  toml::table root;
  std::vector<ctoml_node> nodes;
  std::string error;
  uint32_t line = 0;
  uint32_t column = 0;
};

namespace {

/// Finds a key with too many dots. toml++ makes a table for each of its names without counting them: 500,000 in 1 MiB,
/// and a stack overflow when they are freed.
class DotCounter {
public:
  explicit DotCounter(std::string_view text) : text_(text) {}

  /// Whether there is one; its place is then in `line` and `column`.
  bool find() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      switch (c) {
      case '"':
      case '\'':
        skipString(c);
        continue;
      case '#':
        while (at_ < text_.size() && text_[at_] != '\n') advance();
        continue;
      case '.':
        if (++dots_ > CTOML_MAX_DOTS) return true;
        break;
      case ',':
      case '=':
      case '[':
      case ']':
      case '{':
      case '}':
      case '\n':
        dots_ = 0;
        break;
      default:
        break;
      }
      advance();
    }
    return false;
  }

  uint32_t line = 1;
  uint32_t column = 1;

private:
  std::string_view text_;
  size_t at_ = 0;
  int dots_ = 0;

  void advance() {
    if (text_[at_] == '\n') {
      line++;
      column = 1;
    } else if ((text_[at_] & 0xC0) != 0x80) {
      column++;
    }
    at_++;
  }

  bool isTriple(char quote) const {
    return at_ + 2 < text_.size() && text_[at_] == quote && text_[at_ + 1] == quote && text_[at_ + 2] == quote;
  }

  void skipString(char quote) {
    const bool multiline = isTriple(quote);
    for (int i = 0; i < (multiline ? 3 : 1); i++) advance();
    while (at_ < text_.size()) {
      if (text_[at_] == '\\' && quote == '"') {
        advance();
        if (at_ < text_.size()) advance();
      } else if (multiline ? isTriple(quote) : text_[at_] == quote || text_[at_] == '\n') {
        // An unclosed string ends with its line: the parser refuses it there.
        for (int i = 0; i < (multiline ? 3 : 1); i++) advance();
        // Up to two quotes may stand right before the closing three.
        while (multiline && at_ < text_.size() && text_[at_] == quote) advance();
        return;
      } else {
        advance();
      }
    }
  }
};

void append(ctoml_document &document, const toml::node &node, const toml::key *key, int32_t parent) {
  if (document.nodes.size() > CTOML_MAX_NODES) return;
  ctoml_node out{};
  out.parent = parent;
  out.line = node.source().begin.line;
  out.column = node.source().begin.column;
  out.end_line = node.source().end.line;
  out.end_column = node.source().end.column;
  if (key) {
    out.key = key->str().data();
    out.key_length = key->str().size();
    out.key_line = key->source().begin.line;
    out.key_column = key->source().begin.column;
  }
  switch (node.type()) {
  case toml::node_type::table: out.type = CTOML_TABLE; break;
  case toml::node_type::array: out.type = CTOML_ARRAY; break;
  case toml::node_type::string: {
    const std::string &text = **node.as_string();
    out.type = CTOML_STRING;
    out.text = text.data();
    out.text_length = text.size();
    break;
  }
  case toml::node_type::integer:
    out.type = CTOML_INTEGER;
    out.integer = **node.as_integer();
    out.is_octal = node.as_integer()->flags() == toml::value_flags::format_as_octal;
    break;
  case toml::node_type::boolean:
    out.type = CTOML_BOOLEAN;
    out.integer = **node.as_boolean();
    break;
  case toml::node_type::floating_point: out.type = CTOML_FLOAT; break;
  default: out.type = CTOML_DATE; break;
  }
  const auto index = static_cast<int32_t>(document.nodes.size());
  document.nodes.push_back(out);
  // The depth of this recursion is bounded by CTOML_MAX_NESTED and CTOML_MAX_DOTS.
  if (const toml::table *table = node.as_table()) {
    for (auto &&[name, child] : *table) append(document, child, &name, index);
  } else if (const toml::array *array = node.as_array()) {
    for (auto &&child : *array) append(document, child, nullptr, index);
  }
}

void refuse(ctoml_document &document, std::string message, uint32_t line, uint32_t column) {
  document.nodes.clear();
  document.error = std::move(message);
  document.line = line;
  document.column = column;
}

/// The line on which an assertion fails, which carries no place: the first line count whose text fails too. The parser
/// reads forward only, so that every longer text fails as well.
uint32_t failingLine(std::string_view text) {
  std::vector<size_t> ends;
  for (size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) ends.push_back(at + 1);
  ends.push_back(text.size());
  size_t low = 0;
  size_t high = ends.size() - 1;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    bool fails = false;
    try {
      (void)toml::parse(text.substr(0, ends[middle]));
    } catch (const toml::parse_error &) {
    } catch (const FailedAssertion &) {
      fails = true;
    }
    if (fails) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return static_cast<uint32_t>(low + 1);
}

/// Parses and flattens; what goes wrong is thrown.
void parse(ctoml_document &document, std::string_view text) {
  if (text.size() > CTOML_MAX_BYTES) return refuse(document, "the file is larger than 1 MiB", 1, 1);
  DotCounter counter(text);
  if (counter.find()) return refuse(document, "the key is nested too deeply", counter.line, counter.column);
  try {
    document.root = toml::parse(text);
  } catch (const toml::parse_error &error) {
    return refuse(
        document, std::string(error.description()), error.source().begin.line, error.source().begin.column);
  } catch (const FailedAssertion &) {
    return refuse(document, "the line is not understood", failingLine(text), 1);
  }
  append(document, document.root, nullptr, -1);
  if (document.nodes.size() > CTOML_MAX_NODES) refuse(document, "the file has more than 100,000 values", 1, 1);
}

}  // namespace

extern "C" ctoml_document *ctoml_parse(const char *bytes, size_t length) {
  ctoml_document *document = new (std::nothrow) ctoml_document;
  if (!document) return nullptr;
  try {
    parse(*document, std::string_view(bytes, length));
  } catch (...) {
    delete document;
    return nullptr;
  }
  return document;
}

extern "C" void ctoml_free(ctoml_document *document) { delete document; }

extern "C" const char *ctoml_error(const ctoml_document *document, uint32_t *line, uint32_t *column) {
  if (document->error.empty()) return nullptr;
  *line = document->line;
  *column = document->column;
  return document->error.c_str();
}

extern "C" size_t ctoml_count(const ctoml_document *document) { return document->nodes.size(); }

extern "C" const ctoml_node *ctoml_nodes(const ctoml_document *document) { return document->nodes.data(); }
