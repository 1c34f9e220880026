// One run of a command, watched from outside: shared by what makes calls fail from inside and from outside.
#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum { most_names = 4096 };
static char *before[most_names], *after[most_names];
static int before_count, after_count;

static int note(const char *path, const struct stat *facts, int kind, struct FTW *place) {
  (void)facts, (void)kind, (void)place;
  if (after_count < most_names) after[after_count++] = strdup(path);
  return 0;
}

static void list(char **directories) {
  while (after_count > 0) free(after[--after_count]);
  for (; *directories; directories++) nftw(*directories, note, 16, FTW_PHYS | FTW_MOUNT);
}

void remember_names(char **directories) {
  list(directories);
  while (before_count > 0) free(before[--before_count]);
  memcpy(before, after, sizeof(char *) * (size_t)after_count);
  before_count = after_count;
  after_count = 0;
}

static void compare_names(char **directories, struct outcome *outcome) {
  list(directories);
  for (int i = 0; i < after_count; i++) {
    int known = 0;
    for (int k = 0; k < before_count && !known; k++) known = !strcmp(before[k], after[i]);
    size_t used = strlen(outcome->files);
    if (!known) snprintf(outcome->files + used, sizeof outcome->files - used, "%s%s", used ? " " : "", after[i]);
  }
}

pid_t start(struct running *running, char **command, long limit_ms, int is_traced) {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) { perror("probe: pipe"); exit(99); }
  // What is left without a parent comes to us: that none is left is then told by wait.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  running->pid = fork();
  if (running->pid == 0) {
    setpgid(0, 0);
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(out[1], 1);
    dup2(err[1], 2);
    if (null > 2) close(null);
    if (is_traced) {
      ptrace(PTRACE_TRACEME, 0, 0, 0);
      raise(SIGSTOP);
    }
    execv(command[0], command);
    perror(command[0]);
    _exit(98);
  }
  close(out[1]);
  close(err[1]);
  running->pipes[0] = out[0];
  running->pipes[1] = err[0];
  for (int i = 0; i < 2; i++) fcntl(running->pipes[i], F_SETFL, O_NONBLOCK);
  running->deadline = now_ms() + limit_ms;
  return running->pid;
}

void hear(struct running *running, struct outcome *outcome, int wait_ms) {
  struct pollfd list[2] = {{.fd = running->pipes[0], .events = POLLIN}, {.fd = running->pipes[1], .events = POLLIN}};
  if (poll(list, 2, wait_ms) <= 0) return;
  for (int i = 0; i < 2; i++) {
    if (!list[i].revents) continue;
    char chunk[16384];
    ssize_t count = read(running->pipes[i], chunk, sizeof chunk);
    if (count > 0 && outcome->length[i] < 1 << 18) {
      outcome->said[i] = realloc(outcome->said[i], outcome->length[i] + (size_t)count);
      memcpy(outcome->said[i] + outcome->length[i], chunk, (size_t)count);
      outcome->length[i] += (size_t)count;
    } else if (count <= 0 && (count == 0 || errno != EAGAIN)) {
      close(running->pipes[i]);
      running->pipes[i] = -1;
    }
  }
}

// Everything that has come to us; what it began ends with it or comes to us in turn.
static int kill_children(void) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  FILE *file = fopen(path, "r");
  int count = 0;
  if (!file) return 0;
  if (fgets(text, sizeof text, file))
    for (char *word = strtok(text, " \n"); word; word = strtok(NULL, " \n"), count++) kill(atoi(word), SIGKILL);
  fclose(file);
  return count;
}

void finish_run(struct running *running, struct outcome *outcome, char **directories) {
  long end = now_ms() + 1000;
  while (1) {
    pid_t ended = waitpid(-1, NULL, WNOHANG | __WALL);
    if (ended < 0 && errno == ECHILD) break;
    if (ended > 0) continue;
    hear(running, outcome, 1);
    if (now_ms() < end) continue;
    outcome->left += kill_children();
    while (waitpid(-1, NULL, __WALL) > 0 || errno != ECHILD) kill_children();
    break;
  }
  for (int i = 0; i < 8 && (running->pipes[0] >= 0 || running->pipes[1] >= 0); i++) hear(running, outcome, 0);
  for (int i = 0; i < 2; i++)
    if (running->pipes[i] >= 0) close(running->pipes[i]);
  compare_names(directories, outcome);
}

int sweep(struct outcome *outcome, char **directories) {
  const char *executable = getenv("SNUG_SWEEP");
  if (!executable || !outcome->files[0]) return 0;
  outcome->files[0] = 0;
  pid_t pid = fork();
  if (pid == 0) {
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) dup2(null, fd);
    unsetenv("SNUG_FAULTS");
    execl(executable, executable, "ps", NULL);
    _exit(98);
  }
  waitpid(pid, NULL, 0);
  compare_names(directories, outcome);
  return 1;
}

void print_outcome(const char *label, struct outcome *outcome) {
  printf("run %s status %d hung %d left %d lengths %zu %zu files %s\n", label, outcome->status, outcome->hung,
         outcome->left, outcome->length[0], outcome->length[1], outcome->files[0] ? outcome->files : "-");
  for (int i = 0; i < 2; i++) {
    fwrite(outcome->said[i], 1, outcome->length[i], stdout);
    free(outcome->said[i]);
  }
  putchar('\n');
  fflush(stdout);
}
