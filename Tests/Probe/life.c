// What the tests of supervision run inside: takes signals and counts them, makes orphans, and besieges PID 1.
#define _GNU_SOURCE
#include "life.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Takes every signal that can be taken, tells each in a line, ends with STATUS at signal END and says what came how often.
// SIGCHLD comes of itself and is not told. More than 50 of one kind are counted only.
static int catch(int end, int status) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  int counts[65] = {0};
  printf("ready %d\n", getpid());
  fflush(stdout);
  while (1) {
    int number = sigwaitinfo(&all, NULL);
    if (number < 0) continue;
    if (number != SIGCHLD && ++counts[number] <= 50) {
      printf("got %d\n", number);
      fflush(stdout);
    }
    if (number == end) break;
  }
  // Whatever was sent before the last one and is passed on late.
  struct timespec late = {.tv_nsec = 200000000};
  int number;
  while ((number = sigtimedwait(&all, NULL, &late)) > 0)
    if (number != SIGCHLD) counts[number]++;
  for (int s = 1; s < 65; s++)
    if (counts[s]) printf("count %d %d\n", s, counts[s]);
  return status;
}

// Processes that PID 1 here still has, and how many of them are dead and not waited for.
static void census(int *living, int *zombies) {
  *living = *zombies = 0;
  DIR *proc = opendir("/proc");
  for (struct dirent *entry; proc && (entry = readdir(proc));) {
    if (atoi(entry->d_name) == 0) continue;
    char path[300], line[512] = "";
    snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    char *state = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    if (!state) continue;
    if (state[2] == 'Z' || state[2] == 'X') ++*zombies;
    else ++*living;
  }
  if (proc) closedir(proc);
}

// COUNT processes whose parent has gone when they end: all at once where `together`, else one after the other.
static int orphans(int count, int together) {
  int barrier[2];
  if (pipe(barrier)) return 1;
  int made = 0, others, living, zombies;
  census(&others, &zombies);
  for (int i = 0; i < count; i++) {
    pid_t child = fork();
    if (child < 0) break;
    if (child == 0) {
      pid_t grandchild = fork();
      if (grandchild == 0) {
        char byte;
        close(barrier[1]);
        if (together && read(barrier[0], &byte, 1) < 0) _exit(1);
      }
      _exit(grandchild < 0);
    }
    int status;
    if (waitpid(child, &status, 0) == child && status == 0) made++;
  }
  census(&living, &zombies);
  printf("made %d living %d\n", made, living);
  close(barrier[1]);
  // Up to ten seconds: how long it takes is not the question.
  for (int i = 0; i < 1000; i++) {
    census(&living, &zombies);
    if (zombies == 0 && living == others) break;
    usleep(10000);
  }
  printf("zombies %d living %d\n", zombies, living);
  return 0;
}

// Keeps PID 1 busy without a pause, deaf to SIGTERM, for at most 20 seconds: `orphans` ends children under it as fast as can
// be, `signals` sends it queued signals.
static int besiege(const char *how) {
  signal(SIGTERM, SIG_IGN);
  int orphans = !strcmp(how, "orphans");
  for (int i = 0; i < 4; i++) {
    if (fork() == 0) {
      for (time_t end = time(NULL) + 20; time(NULL) < end;) {
        if (!orphans) kill(1, SIGRTMIN + 1);
        else if (fork() == 0) _exit(fork() < 0);
        else wait(NULL);
      }
      _exit(0);
    }
  }
  printf("ready\n");
  fflush(stdout);
  while (wait(NULL) > 0 || errno == EINTR) {}
  return 0;
}

int life(int argc, char **argv) {
  if (!strcmp(argv[1], "catch") && argc == 4) return catch(atoi(argv[2]), atoi(argv[3]));
  if (!strcmp(argv[1], "orphans") && argc == 4) return orphans(atoi(argv[2]), !strcmp(argv[3], "together"));
  if (!strcmp(argv[1], "besiege") && argc == 3) return besiege(argv[2]);
  return -1;
}
