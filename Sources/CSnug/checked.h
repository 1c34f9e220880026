// What every system call of this target passes: its result, or -errno, copied before anything else can change it.
//
// In a test build any of them can be told to fail or to wait, see faults.c. A release build has nothing of that.
#ifndef CSNUG_CHECKED_H
#define CSNUG_CHECKED_H

#include <errno.h>
#include <stdbool.h>

#include "csnug.h"

static inline long csnug_result(long result) { return result < 0 ? -errno : result; }

#ifdef SNUG_TEST_BUILD
// Numbers the call that is about to be made by the wrapper of this name: 0, or the -errno that it has in place of being
// made.
long csnug_fault(const char *wrapper);
// What a fork returned: the child counts from 1 again, under a name of its own.
long csnug_forked(long result);
// Whether each process has to count for itself, which takes memory of its own.
bool csnug_counts(void);
#define checked(call)                                   \
  ({                                                    \
    long fault_ = csnug_fault(__func__);                \
    fault_ < 0 ? fault_ : csnug_result(call);           \
  })
#else
#define csnug_forked(result) (result)
#define csnug_counts() false
#define checked(call) csnug_result(call)
#endif

#endif
