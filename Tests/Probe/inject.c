// Makes one system call of any executable fail, by ptrace(2): what faults.c does for a test build, for one that has no
// part in it. A close is made all the same, as the kernel does it.
#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
// A process, in the order of birth. Calls count from its birth, of the first one from its exec, up to the exec of an app.
struct traced {
  pid_t pid;
  int is_counted, is_there, has_stopped, waits, is_failing, count;
};
enum { most = 64 };
static struct traced all[most];
static int born;

static struct traced *find(pid_t pid) {
  for (int i = 0; i < born; i++)
    if (all[i].pid == pid) return &all[i];
  if (born == most) return NULL;
  all[born] = (struct traced){.pid = pid, .is_there = 1};
  return &all[born++];
}

static int living(void) {
  int count = 0;
  for (int i = 0; i < born; i++) count += all[i].is_there;
  return count;
}

struct wanted {
  int who, number, error, lists;
  int is_done;
};

static void at_call(struct traced *one, struct wanted *wanted) {
  struct user_regs_struct registers;
  struct ptrace_syscall_info {
    uint8_t op;
    uint8_t rest[127];
  } info = {0};
  // PTRACE_GET_SYSCALL_INFO: 1 on the way in, 2 on the way out.
  if (ptrace(0x420e, one->pid, sizeof info, &info) < 0 || ptrace(PTRACE_GETREGS, one->pid, 0, &registers)) return;
  if (info.op == 2 && one->is_failing) {
    registers.rax = (unsigned long long)-(long long)wanted->error;
    ptrace(PTRACE_SETREGS, one->pid, 0, &registers);
    one->is_failing = 0;
    wanted->is_done = 1;
  }
  long call = (long)registers.orig_rax;
  if (info.op != 1 || !one->is_counted || call == SYS_exit_group || call == SYS_exit) return;
  one->count++;
  if (wanted->lists) printf("call %d %d %ld\n", (int)(one - all), one->count, call);
  if (wanted->lists || wanted->is_done || one - all != wanted->who || one->count != wanted->number) return;
  printf("call %d %d %ld\n", wanted->who, wanted->number, call);
  one->is_failing = 1;
  if (call == SYS_close) return;
  registers.orig_rax = (unsigned long long)-1;
  ptrace(PTRACE_SETREGS, one->pid, 0, &registers);
}

// One stop, or one end, of whoever it was.
static void at_stop(pid_t pid, int status, struct wanted *wanted) {
  int known = born;
  struct traced *one = find(pid);
  if (!one) return;
  // Born, and its parent has not told us yet: it waits until then, as what it is hangs on who its parent is.
  if (born > known) {
    one->waits = 1;
    one->has_stopped = 1;
    return;
  }
  if (WIFEXITED(status) || WIFSIGNALED(status)) { one->is_there = 0; return; }
  int number = WSTOPSIG(status), event = status >> 16, passed = 0;
  if (!one->has_stopped && number == SIGSTOP) {
    one->has_stopped = 1;
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (one == all) ptrace(PTRACE_SETOPTIONS, pid, 0, options);
  } else if (number == (SIGTRAP | 0x80)) {
    at_call(one, wanted);
  } else if (event == PTRACE_EVENT_EXEC) {
    one->is_counted = one == all && one->count == 0;
  } else if (event) {
    unsigned long child = 0;
    struct traced *new = ptrace(PTRACE_GETEVENTMSG, pid, 0, &child) == 0 ? find((pid_t)child) : NULL;
    if (new) {
      // What the app starts is the app's.
      new->is_counted = one->is_counted;
      if (new->waits) ptrace(new->is_counted ? PTRACE_SYSCALL : PTRACE_CONT, new->pid, 0, 0);
      new->waits = 0;
    }
  } else {
    passed = number;
  }
  // Once it is done only births and ends are of interest.
  int watches = !wanted->is_done && (one->is_counted || (one == all && one->count == 0));
  ptrace(watches || one->is_failing ? PTRACE_SYSCALL : PTRACE_CONT, pid, 0, passed);
}

// inject LIMIT DIRECTORY,DIRECTORY COMMAND...: a case a line: PROCESS NUMBER ERRNO; 0 0 0 lists. Prints as `faults`.
int inject(int argc, char **argv) {
  if (strcmp(argv[1], "inject") || argc < 5) return -1;
  char *directories[16] = {0};
  int count = 0;
  for (char *word = strtok(argv[3], ","); word && count < 15; word = strtok(NULL, ",")) directories[count++] = word;
  char line[128];
  while (fgets(line, sizeof line, stdin)) {
    struct wanted wanted = {0};
    if (sscanf(line, "%d %d %d", &wanted.who, &wanted.number, &wanted.error) != 3) return 97;
    wanted.lists = wanted.number == 0;
    struct running running;
    struct outcome outcome = {0};
    born = 0;
    remember_names(directories);
    fflush(stdout);
    find(start(&running, argv + 4, atol(argv[2]), 1));
    long end = 0;
    while (living()) {
      int status;
      pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
      if (pid < 0 && errno == ECHILD) break;
      if (pid > 0) {
        at_stop(pid, status, &wanted);
        if (pid == running.pid && !all[0].is_there) {
          outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
          end = now_ms() + 1000;
        }
        continue;
      }
      hear(&running, &outcome, 0);
      usleep(20);
      if (!end && now_ms() > running.deadline) {
        outcome.hung = 1;
        kill(running.pid, SIGKILL);
        end = now_ms() + 1000;
      }
      if (!end || now_ms() < end) continue;
      for (int i = 0; i < born; i++)
        if (all[i].is_there) kill(all[i].pid, SIGKILL), outcome.left += i > 0;
      break;
    }
    finish_run(&running, &outcome, directories);
    int swept = sweep(&outcome, directories);
    char label[64];
    snprintf(label, sizeof label, "%d calls %d swept %d", wanted.is_done, all[0].count, swept);
    print_outcome(label, &outcome);
  }
  return 0;
}
#else
int inject(int argc, char **argv) { return argc > 1 && !strcmp(argv[1], "inject") ? 96 : -1; }
#endif
