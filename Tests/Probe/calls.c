// Every system call by number, with arguments that no call takes: -1 everywhere. Says how each was answered.
#define _GNU_SOURCE
#include "calls.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// One call in this process. What it returns 0 to may be a child on the same stack (fork, vfork): it leaves at once.
#ifdef __x86_64__
static long native(long number) {
  long result = number;
  register long fourth __asm__("r10") = -1;
  register long fifth __asm__("r8") = -1;
  register long sixth __asm__("r9") = -1;
  __asm__ volatile(
      "syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\tmov $60, %%eax\n\txor %%edi, %%edi\n\tsyscall\n1:"
      : "+a"(result)
      : "D"(-1L), "S"(-1L), "d"(-1L), "r"(fourth), "r"(fifth), "r"(sixth)
      : "rcx", "r11", "memory");
  return result;
}

// The 32-bit entry, which a 64-bit program can use as well; a call that returns to nowhere never comes back.
static long compat(long number) {
  int result = (int)number;
  __asm__ volatile(
      "push %%rbp\n\tpush %%rbx\n\tmov $-1, %%ebx\n\tmov $-1, %%ebp\n\tint $0x80\n\ttest %%eax, %%eax\n\tjnz 1f\n\t"
      "mov $60, %%eax\n\txor %%edi, %%edi\n\tsyscall\n1:\n\tpop %%rbx\n\tpop %%rbp"
      : "+a"(result)
      : "c"(-1), "d"(-1), "S"(-1), "D"(-1)
      : "r8", "r9", "r10", "r11", "memory");
  return result;
}
#else
static long native(long number) {
  errno = 0;
  long result = syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
  return result == -1 && errno ? -errno : result;
}
static long compat(long number) { return (void)number, -ENOSYS; }
#endif

static long extended(long number) { return native(number | 0x40000000); }

// calls ENTRY LAST SKIPPED...: "NUMBER ANSWER" for each number from 0 to LAST, but those that are not to be made.
static int every_call(char **words) {
  long (*entry)(long) = !strcmp(words[0], "compat") ? compat : !strcmp(words[0], "x32") ? extended : native;
  int last = atoi(words[1]);
  for (int number = 0; number <= last; number++) {
    int skipped = 0;
    for (char **word = words + 2; *word; word++) skipped |= atoi(*word) == number;
    if (skipped) { printf("%d skipped\n", number); continue; }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
      long result = entry(number);
      syscall(SYS_exit_group, result < 0 && result > -200 ? -result : 0);
    }
    int status = 0, waited = 0;
    // Some wait for ever, one of them with every signal blocked.
    for (int tries = 0; child > 0 && !(waited = waitpid(child, &status, WNOHANG)); tries++) {
      if (tries > 2000) kill(child, SIGKILL);
      else usleep(100);
    }
    if (waited != child) { perror("probe: calls"); return 1; }
    if (WIFSIGNALED(status)) printf("%d %s\n", number, WTERMSIG(status) == SIGSYS ? "killed" : "passed");
    else if (WEXITSTATUS(status) == EPERM) printf("%d EPERM\n", number);
    else if (WEXITSTATUS(status) == ENOSYS) printf("%d ENOSYS\n", number);
    else if (WEXITSTATUS(status) == EAFNOSUPPORT) printf("%d EAFNOSUPPORT\n", number);
    else printf("%d passed\n", number);
  }
  return 0;
}

int calls(int argc, char **argv) {
  if (!strcmp(argv[1], "calls") && argc > 3) return every_call(argv + 2);
  return -1;
}
