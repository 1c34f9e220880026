// Calls that fail when they are told to, for the proofs in Tests/LiveTests/Proof. Nothing of it is in a release build.
#ifdef SNUG_TEST_BUILD
#define _GNU_SOURCE
#include "checked.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// The file that SNUG_FAULTS names, shared by all processes that come of the one that was started. A mapping and no
// descriptor: descriptors are closed, listed and passed on by what is looked at here. Tests/Probe/faults.h has the same.
enum { frames = 20, name_size = 40, who_size = 24, children = 32 };

struct call {
  char who[who_size];     // "0" is what was started, "0.2" its second child
  char wrapper[name_size];
  uint32_t number;        // in that process, from 1
  int32_t fault;          // the errno that it got, 0 where it was made
  uint32_t from[frames];  // return addresses, counted from the executable's start
};

struct child {
  char who[who_size];
  int32_t pid; // as its parent sees it
};

struct board {
  _Atomic uint32_t count;  // of the calls below
  _Atomic uint32_t state;  // 0, 1 where the call was reached, 2 where one that waits may go on
  char who[who_size];      // whose call; "*": anybody's
  char wrapper[name_size]; // every call of this wrapper; empty: the one with the number
  uint32_t number;
  int32_t error;           // errno; -1: wait before the call until state is 2; 0: only list
  _Atomic uint32_t forks;
  struct child born[children];
  uint32_t room;
  struct call calls[];
};

static struct board *board;
static char who[who_size] = "0";
static uint32_t number;
static int forks;

__attribute__((constructor(102))) static void open_board(void) {
  const char *path = getenv("SNUG_FAULTS");
  struct stat facts;
  if (!path) return;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  if (fstat(fd, &facts) == 0 && (size_t)facts.st_size > sizeof *board) {
    void *at = mmap(NULL, (size_t)facts.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED) board = at;
  }
  close(fd);
}

extern const char __ehdr_start[] __attribute__((visibility("hidden")));

// By frame pointers, which debug builds keep. A list of callers is for who reads a report: one that is cut short is no
// error.
__attribute__((noinline)) static void note_callers(uint32_t *from) {
  uintptr_t *frame = __builtin_frame_address(0);
  for (int i = 0; i < frames; i++) {
    uintptr_t *above = (uintptr_t *)frame[0];
    uintptr_t offset = frame[1] - (uintptr_t)__ehdr_start;
    from[i] = offset < UINT32_MAX ? (uint32_t)offset : 0;
    if (above <= frame || (uintptr_t)above - (uintptr_t)frame > 1 << 20 || (uintptr_t)above % sizeof(void *)) return;
    frame = above;
  }
}

long csnug_fault(const char *wrapper) {
  if (!board) return 0;
  number++;
  bool is_meant = board->error != 0 && (!strcmp(board->who, "*") || !strcmp(board->who, who)) &&
                  (board->wrapper[0] ? !strcmp(board->wrapper, wrapper) : board->number == number);
  uint32_t index = atomic_fetch_add(&board->count, 1);
  if (index < board->room) {
    struct call *call = &board->calls[index];
    strncpy(call->wrapper, wrapper, name_size - 1);
    strncpy(call->who, who, who_size - 1);
    call->number = number;
    call->fault = is_meant && board->error > 0 ? board->error : 0;
    note_callers(call->from);
  }
  if (!is_meant) return 0;
  atomic_store(&board->state, 1);
  if (board->error > 0) return -board->error;
  const struct timespec moment = {.tv_nsec = 100000};
  while (atomic_load(&board->state) != 2) syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &moment, NULL);
  return 0;
}

bool csnug_counts(void) { return board != NULL; }

long csnug_forked(long result) {
  if (!board || result < 0) return result;
  char name[who_size];
  snprintf(name, sizeof name, "%.15s.%d", who, ++forks);
  if (result == 0) {
    memcpy(who, name, sizeof who);
    number = 0;
    forks = 0;
    return 0;
  }
  uint32_t index = atomic_fetch_add(&board->forks, 1);
  if (index < children) {
    board->born[index].pid = (int32_t)result;
    memcpy(board->born[index].who, name, sizeof name);
  }
  return result;
}
#endif
