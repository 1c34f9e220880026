#ifndef CTOML_H
#define CTOML_H
// toml++ behind a C interface: a document becomes a flat list of nodes, each with the line and column of its key and of
// its value. Nothing is thrown across this boundary. Prototypes and constants only.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Longest document that is read, in bytes.
#define CTOML_MAX_BYTES 1048576
/// Deepest nesting of arrays and inline tables in each other.
#define CTOML_MAX_NESTED 32
/// Most dots between two names of one dotted key.
#define CTOML_MAX_DOTS 32
/// Most keys and values of a document: what a list costs in memory is a hundred times its two bytes of text.
#define CTOML_MAX_NODES 100000

/// Types of a node.
enum {
  CTOML_TABLE = 0,
  CTOML_ARRAY = 1,
  CTOML_STRING = 2,
  CTOML_INTEGER = 3,
  CTOML_FLOAT = 4,
  CTOML_BOOLEAN = 5,
  CTOML_DATE = 6,
};

/// A node. Parents stand before their children; the order of an array's items is kept, a table's entries are in the order
/// of their names. Lines and columns are one-based, columns count code points.
struct ctoml_node {
  /// UTF-8, not terminated; null in an array.
  const char *key;
  size_t key_length;
  /// Of a string: UTF-8, not terminated.
  const char *text;
  size_t text_length;
  /// Of an integer, or 0 and 1 of a boolean.
  int64_t integer;
  /// Index of the parent; -1 for the root.
  int32_t parent;
  int32_t type;
  uint32_t key_line;
  uint32_t key_column;
  uint32_t line;
  uint32_t column;
  /// The place behind the last character of a value; of a table by a header, behind the header's bracket.
  uint32_t end_line;
  uint32_t end_column;
  /// Whether an integer was written as 0o755.
  bool is_octal;
};

/// A parsed document, or the one error that stopped the parser.
struct ctoml_document;

/// Parses `length` bytes. Null only where there is no memory.
struct ctoml_document *ctoml_parse(const char *bytes, size_t length);
/// Frees a document and everything that its nodes point to.
void ctoml_free(struct ctoml_document *document);
/// The error, or null; `line` and `column` are set with it.
const char *ctoml_error(const struct ctoml_document *document, uint32_t *line, uint32_t *column);
/// Number of nodes; 0 after an error.
size_t ctoml_count(const struct ctoml_document *document);
/// The nodes; valid until the document is freed.
const struct ctoml_node *ctoml_nodes(const struct ctoml_document *document);

#ifdef __cplusplus
}
#endif
#endif
