#define _GNU_SOURCE
#include "csnug.h"
#include "checked.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Children and signals.

// The raw call: glibc's fork takes locks and runs handlers that a clone3 child has no use for, and its cached thread id
// is stale there.
long csnug_fork(void) { return csnug_forked(checked(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL))); }

struct call {
  void (*body)(void *);
  void *context;
};

static int run_call(void *call) {
  ((struct call *)call)->body(((struct call *)call)->context);
  return 125;
}

long csnug_vfork(void (*body)(void *), void *context) {
  struct call call = {body, context};
  // As posix_spawn(3) does it. execvp(3) puts all arguments of a script once more on the stack: 2 MiB at most.
  size_t size = 4 << 20, guard = 64 << 10;
  char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
  if (csnug_counts() || stack == MAP_FAILED || mprotect(stack, guard, PROT_NONE) < 0) {
    long pid = csnug_fork();
    if (pid == 0) _exit(run_call(&call));
    return pid;
  }
  long pid = checked(clone(run_call, stack + size, CLONE_VM | CLONE_VFORK | SIGCHLD, &call));
  munmap(stack, size);
  return pid;
}

long csnug_wait(int pid, bool block, bool stops, struct csnug_ended *out) {
  int status;
  struct rusage usage;
  long result;
  do result = checked(wait4(pid, &status, (block ? 0 : WNOHANG) | (stops ? WUNTRACED | WCONTINUED : 0), &usage));
  while (result == -EINTR);
  if (result <= 0) return result;
  *out = (struct csnug_ended){
      .pid = (int)result,
      .user_us = usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec,
      .system_us = usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec,
      .peak_kib = usage.ru_maxrss,
  };
  if (WIFEXITED(status)) {
    out->how = 0;
    out->code = WEXITSTATUS(status);
  } else if (WIFSIGNALED(status)) {
    out->how = 1;
    out->code = WTERMSIG(status);
  } else if (WIFSTOPPED(status)) {
    out->how = 2;
    out->code = WSTOPSIG(status);
  } else {
    out->how = 3;
    out->code = 0;
  }
  return result;
}

void csnug_exit(int status) { _exit(status); }
long csnug_execve(const char *path, char *const *argv, char *const *envp) {
  return checked(execve(path, argv, envp));
}
long csnug_execvp(const char *file, char **argv, char **envp) {
  environ = envp;
  return checked(execvp(file, argv));
}
// The raw call: kill(2) with pid 0 or -1 means what it says.
long csnug_kill(int pid, int number) { return checked(syscall(SYS_kill, pid, number)); }

void csnug_stop_self(int number) {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, number);
  kill(getpid(), number);
  sigprocmask(SIG_UNBLOCK, &one, NULL);
  sigprocmask(SIG_BLOCK, &one, NULL);
}

long csnug_signalfd_all(const int *without) {
  sigset_t all;
  sigfillset(&all);
  // With those of faults: the kernel ends a process that faults while their signal is blocked, and one that is sent is
  // for the app like any other.
  for (; *without; without++) sigdelset(&all, *without);
  sigprocmask(SIG_SETMASK, &all, NULL);
  return checked(signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK));
}

long csnug_read_signal(int fd, struct csnug_signal *out) {
  struct signalfd_siginfo info;
  long result = csnug_read(fd, &info, sizeof info);
  if (result == -EAGAIN) return 0;
  if (result < 0) return result;
  if (result != sizeof info) return -EIO;
  *out = (struct csnug_signal){
      .number = (int)info.ssi_signo, .code = info.ssi_code, .pid = (int)info.ssi_pid};
  return 1;
}

void csnug_reset_signal(int number) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(number, &action, NULL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, number);
  sigprocmask(SIG_UNBLOCK, &only, NULL);
}

void csnug_reset_signals(void) {
  // The raw call: glibc's refuses 32 and 33, which a caller can leave ignored all the same. All zero is SIG_DFL.
  unsigned long action[8] = {0};
  for (int number = 1; number < 65; number++) syscall(SYS_rt_sigaction, number, action, NULL, 8);
}
void csnug_unblock_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

void csnug_ignore_write_signals(void) {
  struct sigaction action = {.sa_handler = SIG_IGN};
  sigaction(SIGPIPE, &action, NULL);
  sigaction(SIGXFSZ, &action, NULL);
}
