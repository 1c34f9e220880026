/* Starts contestants in turn and times them; the harness drives it and reads what it prints.
 *
 *   runner [--mounts N FOLDER] start|report|signal ROUNDS GAP <CONTESTANTS
 *
 *   start     from before the fork to after the wait
 *   report    the contestant measures itself and prints nanoseconds
 *   signal    the contestant says "r"; from SIGTERM to its launcher until the process named "inside" is gone
 *   GAP       microseconds of rest before each start
 *   --mounts  in a mount namespace of its own with N mounts in all; takes CAP_SYS_ADMIN, which is given up
 *
 * A contestant on standard input: the count of its words, then the words, each ended by a zero byte. Every other round
 * goes backwards, so that none always follows the same one; one round goes ahead and does not count. Lines printed:
 * "mounts N" where that was asked for, then "CONTESTANT NANOSECONDS CPU-MICROSECONDS" per start, CPU being user and
 * system time of the child and of what it has waited for. A contestant that fails ends everything: exit status 1.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most_contestants = 16, patience = 60000 /* milliseconds */ };

struct sample {
  int64_t nanoseconds, cpu;
};

static char **contestants[most_contestants];
static int contestant_count;

static void fail(const char *what) {
  fprintf(stderr, "runner: cannot %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* Everything on standard input, with a zero byte behind it. */
static char *read_all(size_t *length) {
  size_t room = 1 << 20;
  char *bytes = malloc(room);
  *length = 0;
  for (;;) {
    if (!bytes) fail("get memory");
    ssize_t had = read(0, bytes + *length, room - *length - 1);
    if (had < 0) fail("read the contestants");
    if (had == 0) break;
    *length += had;
    if (*length + 1 >= room) bytes = realloc(bytes, room *= 2);
  }
  bytes[*length] = 0;
  return bytes;
}

static void read_contestants(void) {
  size_t length;
  char *next = read_all(&length), *end = next + length;
  while (next < end && contestant_count < most_contestants) {
    long count = atol(next);
    char **words = calloc(count + 1, sizeof *words);
    if (!words || count < 1) fail("read the contestants");
    next += strlen(next) + 1;
    for (long index = 0; index < count && next < end; index++) {
      words[index] = next;
      next += strlen(next) + 1;
    }
    contestants[contestant_count++] = words;
  }
}

/* Starts a contestant with `output` as its standard output. By vfork: the cost does not grow with us. */
static pid_t start(char **words, int output) {
  pid_t pid = vfork();
  if (pid == 0) {
    dup2(output, 1);
    execv(words[0], words);
    _exit(127);
  }
  if (pid < 0) fail("fork");
  return pid;
}

static int64_t finish(int contestant, pid_t pid, int must_be_zero) {
  struct rusage usage;
  int status;
  while (wait4(pid, &status, 0, &usage) != pid)
    if (errno != EINTR) fail("wait");
  if (must_be_zero && status != 0) {
    fprintf(stderr, "runner: contestant %d ended with %s %d\n", contestant, WIFEXITED(status) ? "status" : "signal",
            WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    exit(1);
  }
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

static struct sample time_start(int contestant, int null) {
  struct sample sample;
  int64_t begin = now();
  pid_t pid = start(contestants[contestant], null);
  sample.cpu = finish(contestant, pid, 1);
  sample.nanoseconds = now() - begin;
  return sample;
}

static struct sample ask(int contestant) {
  struct sample sample;
  char text[64];
  int ends[2];
  size_t had = 0;
  if (pipe2(ends, O_CLOEXEC) != 0) fail("make a pipe");
  pid_t pid = start(contestants[contestant], ends[1]);
  close(ends[1]);
  for (ssize_t part; had < sizeof text - 1 && (part = read(ends[0], text + had, sizeof text - 1 - had)) > 0;)
    had += part;
  text[had] = 0;
  close(ends[0]);
  sample.cpu = finish(contestant, pid, 1);
  sample.nanoseconds = atoll(text);
  if (sample.nanoseconds <= 0) {
    fprintf(stderr, "runner: contestant %d reported no time\n", contestant);
    exit(1);
  }
  return sample;
}

static int read_file(const char *path, char *text, size_t room) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, text, room - 1);
  if (file >= 0) close(file);
  if (length < 0) return -1;
  text[length] = 0;
  return 0;
}

/* The process named "inside" at or below `pid`; 0 where there is none. */
static pid_t app_below(pid_t pid) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/comm", pid);
  if (read_file(path, text, sizeof text) != 0) return 0;
  if (!strcmp(text, "inside\n")) return pid;
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
  if (read_file(path, text, sizeof text) != 0) return 0;
  for (char *next = text; *next;) {
    pid_t found, child = strtol(next, &next, 10);
    if (child <= 0) break;
    if ((found = app_below(child)) != 0) return found;
    while (*next == ' ') next++;
  }
  return 0;
}

static struct sample time_signal(int contestant) {
  struct sample sample;
  char byte;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("make a pipe");
  pid_t pid = start(contestants[contestant], ends[1]);
  close(ends[1]);
  if (read(ends[0], &byte, 1) != 1) {
    fprintf(stderr, "runner: contestant %d did not come up\n", contestant);
    exit(1);
  }
  pid_t app = app_below(pid);
  int handle = app ? syscall(SYS_pidfd_open, app, 0) : -1;
  struct pollfd gone = {.fd = handle, .events = POLLIN};
  if (handle < 0) fail("find the app");
  int64_t begin = now();
  kill(pid, SIGTERM);
  int count = poll(&gone, 1, patience);
  sample.nanoseconds = now() - begin;
  if (count != 1) {
    syscall(SYS_pidfd_send_signal, handle, SIGKILL, NULL, 0);
    fprintf(stderr, "runner: contestant %d: the app outlived SIGTERM\n", contestant);
    kill(pid, SIGKILL);
    finish(contestant, pid, 0);
    exit(1);
  }
  sample.cpu = finish(contestant, pid, 0);
  close(handle);
  /* To its end: nothing of this one runs while the next is measured. */
  while (read(ends[0], &byte, 1) > 0) {}
  close(ends[0]);
  return sample;
}

static int count_mounts(void) {
  FILE *table = fopen("/proc/self/mountinfo", "re");
  int lines = 0, letter;
  if (!table) fail("read the mount table");
  while ((letter = getc(table)) != EOF) lines += letter == '\n';
  fclose(table);
  return lines;
}

static void make_mounts(int wanted, const char *folder) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
  char path[4096];
  if (unshare(CLONE_NEWNS) != 0) fail("make a mount namespace");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) fail("make the mounts private");
  int have = count_mounts();
  if (have < wanted && mount("bench", folder, "tmpfs", 0, "mode=755") != 0) fail("mount");
  for (int index = have + 1; index < wanted; index++) {
    snprintf(path, sizeof path, "%s/%d", folder, index);
    if (mkdir(path, 0755) != 0 || mount("bench", path, "tmpfs", 0, "size=4k,mode=755") != 0) fail("mount");
  }
  printf("mounts %d\n", count_mounts());
  fflush(stdout);
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) fail("clear ambient capabilities");
  if (syscall(SYS_capset, &header, none) != 0) fail("drop capabilities");
}

int main(int count, char **words) {
  if (count > 3 && !strcmp(words[1], "--mounts")) {
    make_mounts(atoi(words[2]), words[3]);
    words += 3;
    count -= 3;
  }
  if (count != 4) {
    fprintf(stderr, "runner: takes start, report or signal, a count of rounds and a gap\n");
    return 2;
  }
  char what = !strcmp(words[1], "start") ? 's' : !strcmp(words[1], "report") ? 'r' : 't';
  int rounds = atoi(words[2]), gap = atoi(words[3]);
  read_contestants();
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0 || dup2(null, 0) < 0) fail("open /dev/null");
  struct timespec rest = {gap / 1000000, gap % 1000000 * 1000L};
  for (int round = -1; round < rounds; round++)
    for (int place = 0; place < contestant_count; place++) {
      int contestant = round & 1 ? contestant_count - 1 - place : place;
      if (gap > 0) nanosleep(&rest, NULL);
      struct sample sample = what == 's' ? time_start(contestant, null)
                             : what == 'r' ? ask(contestant)
                                           : time_signal(contestant);
      if (round >= 0) printf("%d %lld %lld\n", contestant, (long long)sample.nanoseconds, (long long)sample.cpu);
    }
  return fflush(stdout) != 0;
}
