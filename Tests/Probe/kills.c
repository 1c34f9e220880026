// Kills a command at a random moment of its beginning, over and over, and counts who outlives it.
#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// The first child of a process; 0 where it has none.
static pid_t child_of(pid_t pid) {
  char path[64];
  int child = 0;
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  if (fscanf(file, "%d", &child) != 1) child = 0;
  fclose(file);
  return child;
}

// kills COUNT MICROSECONDS COMMAND...: "born N survivors N", of how many there was a child when they were killed, and of
// how many somebody was left a second later.
int kills(int argc, char **argv) {
  if (strcmp(argv[1], "kills") || argc < 5) return -1;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  int born = 0, survivors = 0;
  srand((unsigned)getpid());
  for (int i = 0; i < atoi(argv[2]); i++) {
    int go[2];
    if (pipe2(go, O_CLOEXEC)) return 99;
    pid_t pid = fork();
    if (pid == 0) {
      int null = open("/dev/null", O_RDWR);
      for (int fd = 0; fd < 3; fd++) dup2(null, fd);
      execv(argv[4], argv + 4);
      _exit(98);
    }
    // The pipe ends at the exec: from there the time counts.
    char byte;
    close(go[1]);
    if (read(go[0], &byte, 1) != 0) return 99;
    close(go[0]);
    usleep((useconds_t)(rand() % atoi(argv[3])));
    born += child_of(pid) != 0;
    kill(pid, SIGKILL);
    long end = now_ms() + 1000;
    int is_left = 1;
    while (is_left && now_ms() < end) {
      pid_t ended = waitpid(-1, NULL, WNOHANG | __WALL);
      if (ended < 0 && errno == ECHILD) is_left = 0;
      if (ended == 0) usleep(200);
    }
    survivors += is_left;
    while (is_left && (waitpid(-1, NULL, WNOHANG | __WALL) >= 0 || errno != ECHILD)) {
      pid_t left = child_of(getpid());
      if (left > 0) kill(left, SIGKILL);
      usleep(200);
    }
  }
  printf("born %d survivors %d\n", born, survivors);
  return 0;
}
