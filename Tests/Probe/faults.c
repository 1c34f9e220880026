// Makes the calls of a test build fail one by one, or signals it at one of them; see Sources/CSnug/faults.c.
#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// As in Sources/CSnug/faults.c, which tells what each is.
enum { frames = 20, name_size = 40, who_size = 24, children = 32, room = 6000 };
struct call {
  char who[who_size];
  char wrapper[name_size];
  uint32_t number;
  int32_t fault;
  uint32_t from[frames];
};
struct child {
  char who[who_size];
  int32_t pid;
};
struct board {
  _Atomic uint32_t count;
  _Atomic uint32_t state;
  char who[who_size];
  char wrapper[name_size];
  uint32_t number;
  int32_t error;
  _Atomic uint32_t forks;
  struct child born[children];
  uint32_t room;
  struct call calls[];
};

static struct board *board;

static void open_board(const char *path) {
  size_t size = sizeof *board + room * sizeof(struct call);
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate(fd, (off_t)size)) { perror(path); exit(99); }
  board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (board == MAP_FAILED) { perror("probe: mmap"); exit(99); }
  setenv("SNUG_FAULTS", path, 1);
}

static void print_call(const struct call *call) {
  printf("call %s %u %s", call->who, call->number, call->wrapper);
  // What lies outside of the executable is 0.
  for (int i = 0; i < frames; i++)
    if (call->from[i]) printf(" %x", call->from[i]);
  putchar('\n');
}

// Of the process that the parent calls so; 0 where it is not born.
static pid_t process(const char *who, pid_t launcher) {
  if (!strcmp(who, "0")) return launcher;
  uint32_t count = atomic_load(&board->forks);
  for (uint32_t i = 0; i < count && i < children; i++)
    if (!strcmp(board->born[i].who, who)) return board->born[i].pid;
  return 0;
}

static int is_stopped(pid_t pid) {
  char path[64], line[512] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *file = fopen(path, "r");
  if (!file) return 1;
  char *state = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
  fclose(file);
  return state && (state[2] == 'T' || state[2] == 'Z');
}

// What is done while the process waits before its call; it goes on afterwards, unless it was ended.
static void act(const char *action, const char *target, pid_t launcher) {
  pid_t pid = process(target, launcher);
  if (pid > 0 && !strcmp(action, "kill")) kill(pid, SIGKILL);
  if (pid > 0 && !strcmp(action, "term")) kill(pid, SIGTERM);
  if (pid > 0 && !strcmp(action, "hup")) kill(pid, SIGHUP);
  if (pid > 0 && !strcmp(action, "stop")) {
    kill(pid, SIGSTOP);
    for (int i = 0; i < 10000 && !is_stopped(pid); i++) usleep(100);
    atomic_store(&board->state, 2);
    usleep(3000);
    kill(pid, SIGCONT);
  }
  atomic_store(&board->state, 2);
}

// faults BOARD LIMIT DIRECTORY,DIRECTORY COMMAND...: a case a line on standard input: WHO NUMBER WRAPPER ERROR ACTION
// TARGET, a dash for what is empty. ACTION: fail, list, or what is done to TARGET before the call. Prints a line and
// what the command said for each.
int faults(int argc, char **argv) {
  if (strcmp(argv[1], "faults") || argc < 6) return -1;
  open_board(argv[2]);
  long limit = atol(argv[3]);
  char *directories[16] = {0};
  int count = 0;
  for (char *word = strtok(argv[4], ","); word && count < 15; word = strtok(NULL, ",")) directories[count++] = word;
  char line[512];
  while (fgets(line, sizeof line, stdin)) {
    char who[who_size], wrapper[name_size], action[16], target[who_size];
    unsigned number;
    int error;
    if (sscanf(line, "%23s %u %39s %d %15s %23s", who, &number, wrapper, &error, action, target) != 6) return 97;
    memset(board, 0, sizeof *board);
    memset(board->calls, 0, room * sizeof(struct call));
    board->room = room;
    strcpy(board->who, who);
    if (strcmp(wrapper, "-")) strcpy(board->wrapper, wrapper);
    board->number = number;
    int acts = strcmp(action, "fail") && strcmp(action, "list");
    board->error = acts ? -1 : error;
    struct running running;
    struct outcome outcome = {0};
    remember_names(directories);
    start(&running, argv + 5, limit, 0);
    int status = 0;
    while (waitpid(running.pid, &status, WNOHANG) == 0) {
      hear(&running, &outcome, acts ? 1 : 5);
      if (acts && atomic_load(&board->state) == 1) {
        act(action, target, running.pid);
        acts = 0;
      }
      if (now_ms() < running.deadline) continue;
      outcome.hung = 1;
      atomic_store(&board->state, 2);
      kill(running.pid, SIGKILL);
      waitpid(running.pid, &status, 0);
      break;
    }
    int reached = atomic_load(&board->state) != 0;
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    finish_run(&running, &outcome, directories);
    int swept = sweep(&outcome, directories);
    uint32_t calls = atomic_load(&board->count);
    for (uint32_t i = 0; i < calls && i < room; i++) {
      struct call *call = &board->calls[i];
      int is_it = !strcmp(call->who, who) && call->number == number;
      if (!strcmp(action, "list") || call->fault || is_it) print_call(call);
      if (call->fault || is_it) break;
    }
    char label[64];
    snprintf(label, sizeof label, "%d calls %u swept %d", reached, calls, swept);
    print_outcome(label, &outcome);
  }
  return 0;
}
