// Throws random system calls at the kernel from inside a sandbox. Bounded by limits of its own, so that the machine stays
// as it is: few processes, little memory, small files.
#define _GNU_SOURCE
#include "random.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// What is counted, in a file that is read outside: a worker may end the one who would tell.
struct counts {
  uint64_t calls, refused, workers;
};

static uint64_t state;

static uint64_t number(void) {
  uint64_t mixed = state += 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

static void limit(int what, rlim_t value) {
  struct rlimit limit = {value, value};
  setrlimit(what, &limit);
}

// An argument: a name, a descriptor, a process, flags, a buffer, or nothing at all like it.
static long argument(char **names, int count, int pid, char *buffer, size_t size) {
  switch (number() % 12) {
    case 0: case 1: case 2: return count ? (long)names[number() % count] : 0;
    case 3: return number() % 24;
    case 4: {
      int pids[] = {0, -1, 1, 2, getpid(), getppid(), pid};
      return pids[number() % 7];
    }
    case 5: return 1L << (number() % 64);
    case 6: return (long)(buffer + number() % size);
    case 7: return -(long)(number() % 4200);
    case 8: return number() % 4096;
    case 9: return AT_FDCWD;
    case 10: return (1L << (number() % 32)) | (1L << (number() % 32));
    default: return (long)number();
  }
}

static int is_left_out(long call) {
  // They write all disks of the machine out, which says nothing and keeps everybody else waiting.
  if (call == SYS_sync || call == SYS_syncfs) return 1;
  return 0;
}

// Calls until somebody ends it, which may be itself.
static void work(struct counts *counts, char **names, int count, int pid) {
  enum { size = 1 << 14 };
  static char buffer[size];
  for (size_t i = 0; i < sizeof buffer; i++) buffer[i] = number() % 3 ? 0 : (char)number();
  limit(RLIMIT_NPROC, 24);
  limit(RLIMIT_AS, 64 << 20);
  limit(RLIMIT_FSIZE, 64 << 10);
  limit(RLIMIT_NOFILE, 64);
  limit(RLIMIT_MEMLOCK, 64 << 10);
  limit(RLIMIT_MSGQUEUE, 64 << 10);
  limit(RLIMIT_CPU, 5);
  limit(RLIMIT_CORE, 0);
  for (;;) {
    long call = number() % 601;
    if (is_left_out(call)) continue;
    long a[6];
    for (int i = 0; i < 6; i++) a[i] = argument(names, count, pid, buffer, size);
    __atomic_fetch_add(&counts->calls, 1, __ATOMIC_RELAXED);
    long result = syscall(call, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (result < 0 && (errno == EPERM || errno == ENOSYS)) __atomic_fetch_add(&counts->refused, 1, __ATOMIC_RELAXED);
    // A copy of this process goes another way than this one.
    state ^= (uint64_t)syscall(SYS_gettid) << 32;
  }
}

static long since(struct timespec start, struct timespec now) {
  return (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
}

// random-calls SEED MILLISECONDS COUNTS PID NAME...: workers, one after the other and three at a time, for that long.
// COUNTS is a file in which is counted, PID a process outside.
static int throw_calls(char **words, int count) {
  state = strtoull(words[0], NULL, 10);
  long end = atol(words[1]);
  int file = open(words[2], O_RDWR | O_CLOEXEC);
  struct counts *counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (counts == MAP_FAILED) { perror("probe: counts"); return 1; }
  close(file);
  struct timespec start, now;
  clock_gettime(CLOCK_MONOTONIC, &start);
  // What can be taken is taken: else the first signal of a worker's ends everything.
  for (int s = 1; s < 65; s++) if (s != SIGCHLD) signal(s, SIG_IGN);
  pid_t workers[3] = {0};
  struct timespec born[3];
  for (;;) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (since(start, now) > end) break;
    for (int i = 0; i < 3; i++) {
      if (workers[i]) {
        int isOld = since(born[i], now) > 200;
        if (isOld) kill(workers[i], SIGKILL);
        // It may be somebody else's child by now.
        pid_t ended = waitpid(workers[i], NULL, isOld ? 0 : WNOHANG);
        if (ended == workers[i] || (ended < 0 && errno == ECHILD)) workers[i] = 0;
      }
      if (workers[i]) continue;
      number();
      pid_t child = fork();
      if (child == 0) {
        for (int s = 1; s < 65; s++) signal(s, SIG_DFL);
        int null = open("/dev/null", O_RDWR);
        dup2(null, 1), dup2(null, 2);
        __atomic_fetch_add(&counts->workers, 1, __ATOMIC_RELAXED);
        work(counts, words + 4, count - 4, atoi(words[3]));
      }
      if (child > 0) workers[i] = child, born[i] = now;
    }
    usleep(2000);
  }
  for (int s = 1; s < 65; s++) signal(s, SIG_DFL);
  kill(-1, SIGKILL);
  return 0;
}

int random_calls(int argc, char **argv) {
  if (!strcmp(argv[1], "random-calls") && argc > 5) return throw_calls(argv + 2, argc - 2);
  return -1;
}
