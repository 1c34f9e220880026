// What the tests of bubblewrap's command line need beside the report: locks seen from outside, scripts without an
// interpreter line, ids and capabilities in use, and callers that are short of descriptors.
#define _GNU_SOURCE
#include "box.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// Who holds a lock that would keep a write lock away.
static int show_lock(const char *path) {
  int fd = open(path, O_RDWR);
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fd < 0 || fcntl(fd, F_GETLK, &lock)) { perror(path); return 1; }
  const char *kind = lock.l_type == F_UNLCK ? "none" : lock.l_type == F_RDLCK ? "read" : "write";
  printf("%s %d\n", kind, lock.l_type == F_UNLCK ? 0 : lock.l_pid);
  return 0;
}

// limit SOFT HARD COMMAND...: with so many open files; HARD 0 leaves the hard limit.
static int limit(char **words) {
  struct rlimit value;
  if (getrlimit(RLIMIT_NOFILE, &value)) return 99;
  value.rlim_cur = atoi(words[0]);
  if (atoi(words[1])) value.rlim_max = atoi(words[1]);
  if (setrlimit(RLIMIT_NOFILE, &value)) { perror("probe: limit"); return 99; }
  execv(words[2], words + 2);
  return 98;
}

int show_process(const char *name) {
  struct rlimit value;
  getrlimit(RLIMIT_NOFILE, &value);
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  printf("argv0 %s\nfiles %lu %lu\nsession %s\nhostname %s\ndumpable %d\ndeath-signal ", name, value.rlim_cur,
         value.rlim_max, getsid(0) == getpid() ? "own" : "other", host, prctl(PR_GET_DUMPABLE));
  int number = 0;
  prctl(PR_GET_PDEATHSIG, &number);
  printf("%d\n", number);
  return 0;
}

// Bytes of each descriptor named, to its end: "FD TEXT".
static int show_descriptors(char **words) {
  for (; *words; words++) {
    char text[256];
    ssize_t length = read(atoi(*words), text, sizeof text - 1);
    if (length < 0) printf("%s %s\n", *words, strerrorname_np(errno));
    else printf("%s %.*s\n", *words, (int)length, text);
  }
  return 0;
}

// Mode, size and type of each path: "drwx 0755 12 PATH".
static int show_paths(char **words) {
  for (; *words; words++) {
    struct stat st;
    if (lstat(*words, &st)) { printf("%s %s\n", strerrorname_np(errno), *words); continue; }
    const char *kinds = "?pc?d?b?-?l?s???";
    printf("%c%04o %s\n", kinds[(st.st_mode & S_IFMT) >> 12], st.st_mode & 07777, *words);
  }
  return 0;
}

int box(int argc, char **argv) {
  if (!strcmp(argv[1], "lock") && argc == 3) return show_lock(argv[2]);
  if (!strcmp(argv[1], "limit") && argc > 4) return limit(argv + 2);
  if (!strcmp(argv[1], "process")) return show_process(argv[0]);
  if (!strcmp(argv[1], "descriptors")) return show_descriptors(argv + 2);
  if (!strcmp(argv[1], "paths")) return show_paths(argv + 2);
  return -1;
}
