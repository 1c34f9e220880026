// Counts what a start executes, in the launcher and in the sandbox's first process, up to the app's exec.
//
//   steps instructions FILE COMMAND...   instructions in user mode, one by one; FILE gets the places in the executable in
//                                        the order in which they were met first
//   steps calls FILE COMMAND...          system calls; FILE gets their numbers
//
// With "-" for FILE nothing is written, and instructions are counted twice as fast.
//
// Prints "launcher N init N". By ptrace(2): counts that the machine's mood does not change. x86_64 only.
#define _GNU_SOURCE
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

enum { launcher, init, processes };
enum { image = 16 << 20 }; // no executable of ours is larger

static pid_t pids[processes];
static long counts[processes];
static unsigned char *met;

// Where the executable of a process is loaded.
static unsigned long start_of(pid_t pid) {
  char name[64];
  unsigned long start = 0;
  snprintf(name, sizeof name, "/proc/%d/maps", pid);
  FILE *maps = fopen(name, "r");
  if (maps) {
    if (fscanf(maps, "%lx", &start) != 1) start = 0;
    fclose(maps);
  }
  return start;
}

static void note_place(FILE *out, pid_t pid, unsigned long start) {
  unsigned long place =
      (unsigned long)ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user_regs_struct, rip), 0) - start;
  if (place >= image || met[place]) return;
  met[place] = 1;
  fprintf(out, "%lx\n", place);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int steps = !strcmp(argv[1], "instructions");
  int way = steps ? PTRACE_SINGLESTEP : PTRACE_SYSCALL;
  FILE *out = strcmp(argv[2], "-") ? fopen(argv[2], "we") : NULL;
  met = calloc(image, 1);
  if ((!out && strcmp(argv[2], "-")) || !met) return perror(argv[2]), 2;
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    execv(argv[3], argv + 3);
    _exit(127);
  }
  int status, left = 1, entering[processes] = {0};
  unsigned long start = 0;
  waitpid(child, &status, 0);
  ptrace(PTRACE_SETOPTIONS, child, 0,
         PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD |
             PTRACE_O_EXITKILL);
  ptrace(PTRACE_CONT, child, 0, 0);
  status = 0;
  while (left > 0) {
    int state;
    pid_t pid = waitpid(-1, &state, __WALL);
    if (pid < 0) break;
    if (WIFEXITED(state) || WIFSIGNALED(state)) {
      if (pid == child) status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state), left = 0;
      continue;
    }
    int which = pid == pids[launcher] ? launcher : pid == pids[init] ? init : -1;
    int event = state >> 16, number = WSTOPSIG(state);
    if (event == PTRACE_EVENT_EXEC) {
      if (pids[launcher]) {
        ptrace(PTRACE_DETACH, pid, 0, 0); // the app
        continue;
      }
      pids[launcher] = pid;
      start = start_of(pid);
    } else if (!event && number == SIGSTOP && which < 0) {
      // A child's first stop: the first one is the sandbox's PID 1, later ones are let go.
      if (!pids[init]) pids[init] = pid;
      else {
        ptrace(PTRACE_CONT, pid, 0, 0);
        continue;
      }
    } else if (which >= 0 && !event && steps && number == SIGTRAP) {
      counts[which]++;
      if (out) note_place(out, pid, start);
    } else if (which >= 0 && !event && !steps && number == (SIGTRAP | 0x80)) {
      if ((entering[which] = !entering[which])) {
        counts[which]++;
        if (out)
          fprintf(out, "%d %ld\n", which, ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user_regs_struct, orig_rax), 0));
      }
    } else if (!event) {
      ptrace(which >= 0 ? way : PTRACE_CONT, pid, 0, number == SIGTRAP ? 0 : number);
      continue;
    }
    ptrace(way, pid, 0, 0);
  }
  printf("launcher %ld init %ld\n", counts[launcher], counts[init]);
  return status;
}
