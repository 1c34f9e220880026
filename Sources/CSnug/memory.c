#ifdef SNUG_EMBEDDED
#include <malloc.h>
#include <stdlib.h>

// Embedded Swift asks for each object here, aligned to 16 bytes. malloc(3) gives that anyway, in a third of the time: the C
// library's own posix_memalign(3) looks for a place that can be cut.
int posix_memalign(void **memory, size_t alignment, size_t size) {
  void *found = alignment <= 16 ? malloc(size) : memalign(alignment, size);
  if (!found) return 12;
  *memory = found;
  return 0;
}
#endif
