#define _GNU_SOURCE
#include "csnug.h"
#include "checked.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Debian 12's headers stop at Linux 6.1; numbers are the same on every architecture from 424 on.
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

long csnug_clone3(uint64_t flags, int *pidfd, int cgroup) {
  struct clone_args args = {
      .flags = flags | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
  if (cgroup >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)cgroup;
  }
  return csnug_forked(checked(syscall(SYS_clone3, &args, sizeof args)));
}

#ifdef SNUG_TEST_BUILD
static bool loosened;
void csnug_test_loosen(bool on) { loosened = on; }
#endif

long csnug_openat2(int dir, const char *path, int how, uint32_t mode) {
  static const struct {
    uint64_t flags, resolve;
  } table[] = {
      [csnug_how_path] = {O_PATH, 0},
      [csnug_how_path_without_links] = {O_PATH, RESOLVE_NO_SYMLINKS},
      [csnug_how_read] = {O_RDONLY | O_NOCTTY | O_NONBLOCK, 0},
      [csnug_how_write] = {O_WRONLY | O_NOCTTY | O_NONBLOCK, 0},
      [csnug_how_create] = {O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0},
      [csnug_how_replace] = {O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_NONBLOCK, 0},
      [csnug_how_magic_link] = {O_PATH, 0},
      [csnug_how_terminal] = {O_RDWR | O_NOCTTY | O_NONBLOCK, 0},
  };
  const uint64_t rooted = how == csnug_how_magic_link ? 0 : RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  struct open_how open_how = {.flags = table[how].flags | O_CLOEXEC,
                              .mode = how == csnug_how_create || how == csnug_how_replace ? mode : 0,
                              .resolve = table[how].resolve | rooted};
#ifdef SNUG_TEST_BUILD
  // As who opens a name below a directory without more ado: links lead from the root of the process.
  if (loosened && rooted) {
    open_how.resolve &= ~(uint64_t)rooted;
    while (*path == '/') path++;
    if (!*path) path = ".";
  }
#endif
  long result;
  // EAGAIN: a rename raced with the rooted lookup, openat2(2) asks to try again.
  for (int tries = 0; tries < 64; tries++) {
    result = checked(syscall(SYS_openat2, dir, path, &open_how, sizeof open_how));
    if (result != -EAGAIN && result != -EINTR) break;
  }
  return result;
}

long csnug_open_root(void) { return checked(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)); }
long csnug_open(const char *path, bool path_only, bool follow) {
  return checked(open(path, (path_only ? O_PATH : O_RDONLY | O_NOCTTY | O_NONBLOCK) | O_CLOEXEC |
                                (follow ? 0 : O_NOFOLLOW)));
}

long csnug_open_trial(const char *path, int how) {
  static const int flags[] = {
      [csnug_trial_look] = O_PATH,
      [csnug_trial_read] = O_RDONLY | O_NOCTTY | O_NONBLOCK,
      [csnug_trial_write] = O_WRONLY | O_NOCTTY | O_NONBLOCK,
      [csnug_trial_unnamed] = O_WRONLY | O_TMPFILE,
  };
  return checked(open(path, flags[how] | O_CLOEXEC, 0600));
}

long csnug_open_without_links(const char *path) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  return checked(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
}

long csnug_open_beneath(int dir, const char *name, bool path_only) {
  struct open_how how = {
      .flags = (path_only ? O_PATH | O_NOFOLLOW : O_RDONLY | O_DIRECTORY | O_NOCTTY | O_NONBLOCK) | O_CLOEXEC,
      .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV};
  return checked(syscall(SYS_openat2, dir, name, &how, sizeof how));
}

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000U
#endif

long csnug_statx(int dir, const char *path, bool follow, struct csnug_statx *out) {
  struct statx st;
  int flags = AT_STATX_DONT_SYNC | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | (follow ? 0 : AT_SYMLINK_NOFOLLOW);
  long result = checked(statx(dir, path, flags, STATX_BASIC_STATS | STATX_MNT_ID, &st));
  if (result < 0) return result;
  *out = (struct csnug_statx){.mode = st.stx_mode,
                              .uid = st.stx_uid,
                              .gid = st.stx_gid,
                              .dev_major = st.stx_dev_major,
                              .dev_minor = st.stx_dev_minor,
                              .rdev_major = st.stx_rdev_major,
                              .rdev_minor = st.stx_rdev_minor,
                              .inode = st.stx_ino,
                              .size = st.stx_size,
                              .mount_id = (st.stx_mask & STATX_MNT_ID) ? st.stx_mnt_id : 0};
  return 0;
}

long csnug_fstatfs_magic(int fd, int64_t *magic) {
  struct statfs fs;
  long result = checked(fstatfs(fd, &fs));
  if (result == 0) *magic = fs.f_type;
  return result;
}

long csnug_mkdirat(int dir, const char *name, uint32_t mode) { return checked(mkdirat(dir, name, mode)); }
long csnug_symlinkat(const char *to, int dir, const char *name) { return checked(symlinkat(to, dir, name)); }
long csnug_unlinkat(int dir, const char *name) { return checked(unlinkat(dir, name, 0)); }
long csnug_rmdirat(int dir, const char *name) { return checked(unlinkat(dir, name, AT_REMOVEDIR)); }
long csnug_detach(int dir, const char *name) {
  long result = checked(fchdir(dir));
  return result < 0 ? result : checked(syscall(SYS_umount2, name, 2 | 8 /* MNT_DETACH, UMOUNT_NOFOLLOW */));
}

long csnug_fchmod(int fd, uint32_t mode) {
  // fchmodat2(2), Linux 6.6; before that O_PATH has to be exchanged for a real descriptor.
  long result = checked(syscall(452, fd, "", mode, AT_EMPTY_PATH));
  if (result != -ENOSYS) return result;
  int real = (int)checked(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (real < 0) {
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    return checked(chmod(name, mode));
  }
  result = checked(fchmod(real, mode));
  close(real);
  return result;
}

long csnug_write(int fd, const void *bytes, size_t count) {
  long result;
  do result = checked(write(fd, bytes, count));
  while (result == -EINTR);
  return result;
}

long csnug_read(int fd, void *bytes, size_t count) {
  long result;
  do result = checked(read(fd, bytes, count));
  while (result == -EINTR);
  return result;
}

long csnug_pread(int fd, void *bytes, size_t count, int64_t offset) {
  long result;
  do result = checked(pread(fd, bytes, count, offset));
  while (result == -EINTR);
  return result;
}

// A close that fails has closed all the same, close(2).
long csnug_close(int fd) {
  long told = checked(0), result = csnug_result(close(fd));
  return told < 0 ? told : result;
}

long csnug_close_range(unsigned first, unsigned last, bool only_cloexec) {
  return checked(syscall(SYS_close_range, first, last, only_cloexec ? 4 : 0));
}

long csnug_set_cloexec(int fd, bool on) { return checked(fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0)); }
long csnug_dup_above(int fd, int lowest) { return checked(fcntl(fd, F_DUPFD_CLOEXEC, lowest)); }
long csnug_getdents64(int fd, void *buffer, size_t count) {
  return checked(syscall(SYS_getdents64, fd, buffer, count));
}
long csnug_readlinkat(int dir, const char *path, char *buffer, size_t count) {
  return checked(readlinkat(dir, path, buffer, count));
}

// --- the process ---

long csnug_prctl(int option, unsigned long two, unsigned long three, unsigned long four, unsigned long five) {
  return checked(prctl(option, two, three, four, five));
}
long csnug_keyctl_join_session(void) { return checked(syscall(SYS_keyctl, 1 /* JOIN_SESSION_KEYRING */, NULL)); }
long csnug_sethostname(const char *name, size_t length) { return checked(sethostname(name, length)); }

long csnug_getrlimit(int resource, uint64_t *soft, uint64_t *hard) {
  struct rlimit limit;
  long result = checked(getrlimit(resource, &limit));
  if (result == 0) {
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
  }
  return result;
}
long csnug_setrlimit(int resource, uint64_t soft, uint64_t hard) {
  struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
  return checked(setrlimit(resource, &limit));
}
uint64_t csnug_total_memory(void) {
  struct sysinfo info;
  return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 0;
}
long csnug_gethostname(char *buffer, size_t count) { return checked(gethostname(buffer, count)); }
long csnug_getpriority(void) {
  errno = 0;
  int nice = getpriority(PRIO_PROCESS, 0);
  return nice;
}
long csnug_setpriority(int nice) { return checked(setpriority(PRIO_PROCESS, 0, nice)); }
long csnug_setsid(void) { return checked(setsid()); }
long csnug_getpgid(int pid) { return checked(getpgid(pid)); }
uint32_t csnug_umask(uint32_t mask) { return umask(mask); }

long csnug_loopback_up(void) {
  int fd = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd < 0) return fd;
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  long result = checked(ioctl(fd, SIOCSIFFLAGS, &request));
  close(fd);
  return result;
}

long csnug_landlock_abi(void) { return checked(syscall(SYS_landlock_create_ruleset, NULL, 0, 1)); }

// struct landlock_ruleset_attr grew with the ABI and the kernel refuses a longer one with set bits only.
long csnug_landlock_create(uint64_t files, uint64_t network, uint64_t scope) {
  struct {
    uint64_t files, network, scope;
  } attr = {files, network, scope};
  size_t size = scope ? 24 : network ? 16 : 8;
  return checked(syscall(SYS_landlock_create_ruleset, &attr, size, 0));
}
long csnug_landlock_add_path(int ruleset, int path, uint64_t rights) {
  struct {
    uint64_t rights;
    int32_t parent;
  } __attribute__((packed)) attr = {rights, path};
  return checked(syscall(SYS_landlock_add_rule, ruleset, 1 /* PATH_BENEATH */, &attr, 0));
}
long csnug_landlock_add_connect(int ruleset, uint64_t port) {
  struct {
    uint64_t rights, port;
  } attr = {1 << 1 /* CONNECT_TCP */, port};
  return checked(syscall(SYS_landlock_add_rule, ruleset, 2 /* NET_PORT */, &attr, 0));
}
long csnug_landlock_restrict(int ruleset) { return checked(syscall(SYS_landlock_restrict_self, ruleset, 0)); }

long csnug_seccomp(const uint64_t *program, size_t count, unsigned flags) {
  _Static_assert(sizeof(struct sock_filter) == sizeof(uint64_t), "instruction size");
  struct sock_fprog filter = {.len = (unsigned short)count, .filter = (struct sock_filter *)program};
  if (count > BPF_MAXINSNS) return -EINVAL;
  return checked(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter));
}
long csnug_seccomp_action_available(uint32_t action) {
  return checked(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
}

long csnug_setns(int fd, uint64_t kind) { return checked(setns(fd, (int)kind)); }
// The raw calls: glibc's tell other threads, of which there are none.
long csnug_setuid(uint32_t uid) { return checked(syscall(SYS_setuid, uid)); }
long csnug_setgid(uint32_t gid) { return checked(syscall(SYS_setgid, gid)); }
long csnug_read_lock(int fd) {
  struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
  return checked(fcntl(fd, F_SETLK, &lock));
}
long csnug_unshare(int flags) { return checked(syscall(SYS_unshare, flags)); }
long csnug_memfd(const char *name) { return checked(syscall(SYS_memfd_create, name, 1 /* MFD_CLOEXEC */)); }
long csnug_pidfd_open(int pid) { return checked(syscall(SYS_pidfd_open, pid, 0)); }
long csnug_pidfd_send_signal(int pidfd, int number) {
  return checked(syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0));
}
long csnug_getuid_mismatch(void) {
  return getauxval(AT_SECURE) != 0 || getuid() != geteuid() || getgid() != getegid();
}

long csnug_poll(const int *fds, int *events, size_t count, int timeout_ms) {
  struct pollfd list[16];
  if (count > 16) return -EINVAL;
  for (size_t i = 0; i < count; i++) list[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
  long result = checked(poll(list, count, timeout_ms));
  for (size_t i = 0; i < count; i++)
    events[i] = (list[i].revents & POLLIN ? 1 : 0) | (list[i].revents & (POLLHUP | POLLERR | POLLNVAL) ? 2 : 0);
  return result;
}

long csnug_socketpair(int *out, bool pass_credentials) {
  long result = checked(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, out));
  if (result < 0 || !pass_credentials) return result;
  int on = 1;
  return checked(setsockopt(out[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
}

long csnug_send(int fd, const void *bytes, size_t count) {
  long result;
  do result = checked(send(fd, bytes, count, MSG_NOSIGNAL));
  while (result == -EINTR);
  return result;
}

long csnug_receive(int fd, void *bytes, size_t count, int *sender) {
  union {
    char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(64 * sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec part = {.iov_base = bytes, .iov_len = count};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  long result;
  do result = checked(recvmsg(fd, &message, MSG_CMSG_CLOEXEC));
  while (result == -EINTR);
  *sender = 0;
  if (result < 0) return result;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET) continue;
    if (c->cmsg_type == SCM_CREDENTIALS) {
      struct ucred credentials;
      memcpy(&credentials, CMSG_DATA(c), sizeof credentials);
      *sender = credentials.pid;
    } else if (c->cmsg_type == SCM_RIGHTS) {
      size_t descriptors = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t i = 0; i < descriptors; i++) {
        int fd_in;
        memcpy(&fd_in, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
        close(fd_in);
      }
    }
  }
  if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) return -EMSGSIZE;
  return result;
}

int csnug_errno(void) { return errno; }

const char *csnug_error_text(int code) {
  const char *text = strerrordesc_np(code);
  return text ? text : "Unknown error";
}
const char *csnug_signal_name(int number) { return sigabbrev_np(number); }

static long clock_in(long divisor_ns, long per_second) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * per_second + now.tv_nsec / divisor_ns;
}
long csnug_clock_ms(void) { return clock_in(1000000, 1000); }
long csnug_clock_us(void) { return clock_in(1000, 1000000); }

static long start_cost;
void csnug_note_start(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  start_cost = used.tv_sec * 1000000 + used.tv_nsec / 1000;
}
long csnug_start_cost_us(void) { return start_cost; }
size_t csnug_time_text(int64_t seconds, char *buffer, size_t count) {
  time_t time = seconds;
  struct tm parts;
  return localtime_r(&time, &parts) ? strftime(buffer, count, "%Y-%m-%d %H:%M", &parts) : 0;
}
int csnug_isatty(int fd) { return isatty(fd); }

long csnug_fill_stdio(bool close_on_exec) {
  for (int fd = 0; fd < 3; fd++) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is the closed one.
    int opened = (int)checked(open("/dev/null", O_RDWR | (close_on_exec ? O_CLOEXEC : 0)));
    if (opened < 0) return opened;
    if (opened != fd) {
      close(opened);
      return -EBADF;
    }
  }
  return 0;
}
long csnug_replace_with_null(int fd) {
  int null = (int)checked(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null < 0) return null;
  long result = checked(dup2(null, fd));
  close(null);
  return result;
}
int csnug_getpid(void) { return getpid(); }
int csnug_getppid(void) { return getppid(); }
uint32_t csnug_geteuid(void) { return geteuid(); }
uint32_t csnug_getegid(void) { return getegid(); }

static int argument_count;
static char **arguments;

// glibc hands main's arguments to constructors. The Swift runtime's own copy is repaired UTF-8, and not the block that
// /proc/PID/cmdline shows.
//
// Before the runtime's own constructors (101 is the first priority there is): it would look for a program that prints
// backtraces, and abort where there is no /proc to look in. A variable that names one is the only way to tell it.
static char *backtrace_setting;
static bool backtrace_was_set;
__attribute__((constructor(101))) static void remember_arguments(int argc, char **argv) {
  argument_count = argc;
  arguments = argv;
#ifdef SNUG_EMBEDDED
  return;
#endif
  const char *setting = getenv("SWIFT_BACKTRACE");
  backtrace_was_set = setting != NULL;
  if (setting) backtrace_setting = strdup(setting);
  setenv("SWIFT_BACKTRACE", "enable=no,swift-backtrace=/", 1);
}

void csnug_restore_environment(void) {
#ifdef SNUG_EMBEDDED
  return;
#endif
  if (!backtrace_was_set) unsetenv("SWIFT_BACKTRACE");
  else if (backtrace_setting) setenv("SWIFT_BACKTRACE", backtrace_setting, 1);
}

void (*csnug_ignored(void))(int) { return SIG_IGN; }
int csnug_libc_open(const char *path, int flags, uint32_t mode) { return open(path, flags, mode); }
int csnug_libc_openat(int directory, const char *path, int flags, uint32_t mode) {
  return openat(directory, path, flags, mode);
}
long csnug_exec_again(const char *path) { return checked(execve(path, arguments, environ)); }
const char *csnug_argument(int index) { return index < argument_count ? arguments[index] : NULL; }
const char *csnug_environment_entry(int index) { return environ[index]; }
const char *csnug_terminal_name(int fd) { return ttyname(fd); }
size_t csnug_length(const char *text) { return strlen(text); }

void csnug_hide_arguments(const char *name) {
  prctl(PR_SET_NAME, name, 0, 0, 0);
  if (argument_count < 1) return;
  char *start = arguments[0], *end = arguments[argument_count - 1] + strlen(arguments[argument_count - 1]);
  memset(start, 0, (size_t)(end - start));
  strncpy(start, name, (size_t)(end - start));
}
