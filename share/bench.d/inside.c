/* What runs inside while something is measured.
 *
 *   inside pause            says "r" and stays
 *   inside calls N          nanoseconds that N calls of getppid take
 *   inside orphans N        nanoseconds from the death of N orphans, a thousand at a time, until PID 1 has reaped them
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { batch = 1000 };

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int fail(const char *what) {
  fprintf(stderr, "inside: cannot %s: %s\n", what, strerror(errno));
  return 1;
}

static int calls(long count) {
  for (long left = count / 10; left > 0; left--) syscall(SYS_getppid);
  int64_t begin = now();
  for (long left = count; left > 0; left--) syscall(SYS_getppid);
  printf("%lld\n", (long long)(now() - begin));
  return 0;
}

/* `count` processes whose parent is gone, which end when the pipe's write end does. Their pids. */
static int make_orphans(pid_t *pids, int count, int gate[2]) {
  int told[2];
  if (pipe(told) != 0) return fail("make a pipe");
  pid_t parent = fork();
  if (parent < 0) return fail("fork");
  if (parent == 0) {
    char byte;
    for (int index = 0; index < count; index++) {
      pid_t orphan = fork();
      if (orphan < 0) _exit(fail("fork"));
      if (orphan == 0) {
        close(gate[1]);
        _exit(read(gate[0], &byte, 1) != 0);
      }
      if (write(told[1], &orphan, sizeof orphan) != sizeof orphan) _exit(fail("write"));
    }
    _exit(0);
  }
  close(told[1]);
  int had = 0;
  while (had < count && read(told[0], pids + had, sizeof *pids) == sizeof *pids) had++;
  close(told[0]);
  int status;
  if (waitpid(parent, &status, 0) != parent) return fail("wait");
  return had == count && status == 0 ? 0 : 1;
}

static int orphans(long count) {
  static pid_t pids[batch];
  int64_t total = 0;
  while (count > 0) {
    int part = count < batch ? count : batch;
    int gate[2];
    if (pipe(gate) != 0) return fail("make a pipe");
    if (make_orphans(pids, part, gate) != 0) return 1;
    int64_t begin = now();
    close(gate[1]);
    close(gate[0]);
    /* A process that is dead and not yet reaped can still be sent a signal. */
    for (int index = 0; index < part; index++)
      while (kill(pids[index], 0) == 0) sched_yield();
    total += now() - begin;
    count -= part;
  }
  printf("%lld\n", (long long)total);
  return 0;
}

int main(int count, char **words) {
  if (count == 2 && !strcmp(words[1], "pause")) {
    if (write(1, "r", 1) != 1) return 1;
    for (;;) pause();
  }
  if (count == 3 && !strcmp(words[1], "calls")) return calls(atol(words[2]));
  if (count == 3 && !strcmp(words[1], "orphans")) return orphans(atol(words[2]));
  fprintf(stderr, "inside: takes pause, calls N or orphans N\n");
  return 2;
}
