// Attempts to get out, one for each way of the threat list. Run inside and outside: each says `open`, or the errno that
// kept it in. None of them changes anything where it succeeds.
#define _GNU_SOURCE
#include "escape.h"

#include "calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// What is not an errno.
enum { UNTRIED = 250 };

static char **arguments;
static int argument_count;
static pid_t parent;
volatile char escape_marker = 'm';

// KEY=VALUE of the command line; ends the attempt where it is not given.
static const char *given(const char *key) {
  size_t length = strlen(key);
  for (int i = 0; i < argument_count; i++)
    if (!strncmp(arguments[i], key, length) && arguments[i][length] == '=') return arguments[i] + length + 1;
  _exit(UNTRIED);
}

static int judged(long result) { return result >= 0 ? 0 : errno; }
static int read_one(const char *path) {
  char byte;
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return errno;
  ssize_t count = read(fd, &byte, 1);
  return count < 0 ? errno : count == 0 ? ENODATA : 0;
}
static int of_process(pid_t pid, const char *name, int flags) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return judged(open(path, flags));
}
static pid_t victim(void) { return atoi(given("pid")); }

// Files.
static int file_other(void) { return read_one(given("other")); }
static int file_home(void) { return read_one(given("secret")); }
static int home_tool(void) { return judged(open(given("tool"), O_WRONLY | O_APPEND)); }
static int write_shown(void) { return judged(open(given("shown"), O_WRONLY | O_APPEND)); }
// The mount that holds what is shown, in a mount namespace of the attempt's own where one can be had: what is changed
// there changes nothing for the next attempt.
static const char *shown_mount(void) {
  static char path[4096];
  snprintf(path, sizeof path, "%s", given("shown"));
  char *slash = strrchr(path, '/');
  if (slash) *slash = 0;
  unshare(CLONE_NEWNS);
  return path;
}
static int remount(void) {
  if (mount(NULL, shown_mount(), NULL, MS_REMOUNT | MS_BIND, NULL)) return errno;
  return judged(open(given("shown"), O_WRONLY | O_APPEND));
}
static int take_off(void) { return judged(umount2(shown_mount(), MNT_DETACH)); }
static int new_mount(void) { return judged(mount("x", shown_mount(), "tmpfs", 0, NULL)); }
static int hidden(void) { return read_one(given("hidden")); }
static int move_rename(void) {
  char from[4096], to[4096];
  snprintf(from, sizeof from, "%s", given("shown"));
  snprintf(to, sizeof to, "%s/moved", given("work"));
  if (link(from, to)) return errno;
  unlink(to);
  return 0;
}
static int set_id_honoured(void) {
  struct statvfs facts;
  if (statvfs(given("work"), &facts)) return errno;
  if (facts.f_flag & ST_NOSUID) return ENOEXEC;
  return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0;
}
static int working_directory(void) { return judged(open("canary", O_RDONLY)); }
static int devices(void) {
  static const char *names[] = {"kmsg", "autofs", "fuse", "net/tun", "kvm", "rtc0", "uinput", "mem"};
  int error = UNTRIED;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[64];
    snprintf(path, sizeof path, "/dev/%s", names[i]);
    if (open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY) >= 0) return 0;
    error = errno;
  }
  return error;
}
static int terminal_of_host(void) { return judged(open(given("pts"), O_RDWR | O_NOCTTY)); }
static int sysfs(void) { return opendir("/sys/devices/system") ? 0 : errno; }
static int cgroups(void) { return opendir("/sys/fs/cgroup") ? 0 : errno; }
static int control(void) { return opendir(given("registry")) ? 0 : errno; }
static int masked(void) {
  static const char *names[] = {"keys", "key-users", "interrupts", "timer_list", "kcore"};
  int error = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s", names[i]);
    if (!(error = read_one(path))) return 0;
  }
  return error;
}
static int users(void) {
  FILE *file = fopen("/etc/passwd", "r");
  if (!file) return errno;
  int lines = 0;
  for (int c; (c = fgetc(file)) != EOF;) lines += c == '\n';
  return lines > 3 ? 0 : ENODATA;
}

// Processes.
static int process_root(void) {
  char path[8192];
  snprintf(path, sizeof path, "/proc/%d/root%s", victim(), given("other"));
  return read_one(path);
}
static int process_listed(void) { return of_process(victim(), "stat", O_RDONLY); }
static int process_memory(void) {
  char byte = 0;
  struct iovec here = {&byte, 1}, there = {(void *)&escape_marker, 1};
  return judged(process_vm_readv(victim(), &here, 1, &there, 1, 0));
}
static int process_trace(void) { return judged(ptrace(PTRACE_SEIZE, victim(), 0, 0)); }
static int process_handle(void) { return judged(syscall(SYS_pidfd_open, victim(), 0)); }
static int process_signal(void) { return judged(kill(victim(), 0)); }
static int init_memory(void) { return of_process(parent, "mem", O_RDWR); }
static int init_program(void) { return of_process(parent, "exe", O_RDONLY); }
static int init_descriptors(void) { return of_process(parent, "fd", O_RDONLY | O_DIRECTORY); }
static int init_trace(void) { return judged(ptrace(PTRACE_SEIZE, parent, 0, 0)); }

// This process.
static int status_field(const char *name, const char *none) {
  FILE *file = fopen("/proc/self/status", "r");
  if (!file) return errno;
  char line[256];
  size_t length = strlen(name);
  while (fgets(line, sizeof line, file))
    if (!strncmp(line, name, length) && line[length] == ':') return strncmp(line + length + 2, none, strlen(none)) != 0;
  return -1;
}
static int capabilities(void) {
  static const char *names[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
  for (size_t i = 0; i < 5; i++)
    if (status_field(names[i], "0000000000000000") == 1) return 0;
  return EPERM;
}
static int unfiltered(void) { return status_field("Seccomp", "2") == 1 ? 0 : EPERM; }
static int loader_variables(void) {
  static const char *names[] = {"LD_LIBRARY_PATH", "GTK_MODULES", "NODE_OPTIONS", "PYTHONSTARTUP", "PERL5LIB"};
  for (size_t i = 0; i < 5; i++)
    if (getenv(names[i])) return 0;
  return ENOENT;
}
static int secret_variable(void) { return getenv("CANARY_TOKEN") ? 0 : ENOENT; }
static int open_descriptors(void) {
  for (int fd = 3; fd < 1024; fd++)
    if (fcntl(fd, F_GETFD) >= 0) return 0;
  return EBADF;
}
static int core_size(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_CORE, &limit) ? errno : limit.rlim_max > 0 ? 0 : EFBIG;
}
static int own_name(void) {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return strcmp(name, given("host")) ? ENOENT : 0;
}

// Calls.
static int user_namespace(void) { return judged(unshare(CLONE_NEWUSER)); }
static int user_namespace_clone(void) {
  long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  return judged(child);
}
// struct clone_args: what Debian's header calls it differs by age.
static int clone3_with(unsigned long long flags) {
  unsigned long long words[8] = {flags, 0, 0, 0, SIGCHLD};
  long child = syscall(435, words, sizeof words);
  if (child == 0) _exit(0);
  return judged(child);
}
static int clone3_plain(void) { return clone3_with(0); }
static int clone3_namespace(void) { return clone3_with(CLONE_NEWUSER); }
static int other_entry(void) {
#ifdef __x86_64__
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
  return result == getpid() ? 0 : ENOSYS;
#else
  return UNTRIED;
#endif
}
static int ring(void) {
  char parameters[120] = {0};
  return judged(syscall(425, 1, parameters));
}
static int fault_handler(void) { return judged(syscall(SYS_userfaultfd, 1)); }
static int file_handle(void) {
  struct { unsigned int bytes; int type; char handle[128]; } handle = {128, 0, {0}};
  int mount_id;
  return judged(syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &handle, &mount_id, 0));
}
static int performance(void) {
  struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attributes, .exclude_kernel = 1};
  return judged(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}
static int compare(void) { return judged(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0)); }
static int take_descriptor(void) {
  int process = syscall(SYS_pidfd_open, getpid(), 0);
  return process < 0 ? errno : judged(syscall(438, process, 0, 0));
}
static int old_layout(void) { return personality(ADDR_NO_RANDOMIZE) == -1 ? errno : 0; }
static int descriptor_table(void) {
#ifdef __x86_64__
  char table[64];
  return judged(syscall(SYS_modify_ldt, 0, table, sizeof table));
#else
  return UNTRIED;
#endif
}
static int clock_state(void) {
  struct timex state = {.modes = 0};
  return judged(syscall(SYS_adjtimex, &state));
}
static int virtual_machine_socket(void) { return judged(socket(40, SOCK_STREAM, 0)); }
static int crypto_socket(void) { return judged(socket(38, SOCK_SEQPACKET, 0)); }
// A call that comes through finds no such descriptor; one that the filter stops does not get so far.
static int terminal_call(unsigned long request) {
  syscall(SYS_ioctl, -1, request, "x");
  return errno == EBADF ? 0 : errno;
}
static int push_input(void) { return terminal_call(TIOCSTI); }
static int push_input_high(void) {
  int first = terminal_call(TIOCSTI | 0x12300000000UL), second = terminal_call(TIOCSTI | 0xffffffff00000000UL);
  return first && second ? first : 0;
}
static int paste(void) { return terminal_call(TIOCLINUX); }
static int take_console(void) {
  int first = terminal_call(TIOCCONS), second = terminal_call(TIOCSETD);
  return first && second ? first : 0;
}
static int keys(void) { return judged(syscall(SYS_keyctl, 10, -3, "user", "snug-canary", 0)); }
static int shared_memory(void) { return judged(shmget(strtol(given("shm"), NULL, 0), 0, 0)); }
static int queue(void) { return judged(mq_open(given("mq"), O_RDONLY)); }

// Sockets.
static int named(const char *name, int abstract) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path + abstract, name, sizeof address.sun_path - 2);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return judged(connect(fd, (void *)&address, offsetof(struct sockaddr_un, sun_path) + abstract + strlen(name)));
}
static int abstract_socket(void) { return named(given("abstract"), 1); }
static int path_socket(void) { return named(given("socket"), 0); }
static int loopback(void) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(atoi(given("tcp"))), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return judged(connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, sizeof address));
}

static const struct {
  const char *name;
  int (*attempt)(void);
} attempts[] = {
    {"file-other", file_other}, {"file-home", file_home}, {"home-tool", home_tool}, {"write-shown", write_shown},
    {"remount", remount}, {"take-off", take_off}, {"new-mount", new_mount}, {"hidden", hidden}, {"hard-link", move_rename},
    {"set-id-honoured", set_id_honoured}, {"working-directory", working_directory}, {"devices", devices},
    {"terminal-of-host", terminal_of_host}, {"sysfs", sysfs}, {"cgroups", cgroups},
    {"control-directory", control}, {"masked-proc", masked}, {"user-list", users}, {"process-root", process_root},
    {"process-listed", process_listed}, {"process-memory", process_memory}, {"process-trace", process_trace},
    {"process-handle", process_handle}, {"process-signal", process_signal}, {"init-memory", init_memory},
    {"init-program", init_program}, {"init-descriptors", init_descriptors}, {"init-trace", init_trace},
    {"capabilities", capabilities}, {"unfiltered", unfiltered}, {"loader-variables", loader_variables},
    {"secret-variable", secret_variable}, {"open-descriptors", open_descriptors}, {"core-size", core_size},
    {"host-name", own_name}, {"user-namespace", user_namespace}, {"user-namespace-clone", user_namespace_clone},
    {"clone3", clone3_plain}, {"clone3-namespace", clone3_namespace}, {"other-entry", other_entry}, {"io-uring", ring},
    {"userfaultfd", fault_handler}, {"file-handle", file_handle}, {"perf-event", performance}, {"kcmp", compare},
    {"take-descriptor", take_descriptor}, {"personality", old_layout}, {"modify-ldt", descriptor_table},
    {"clock", clock_state}, {"vsock", virtual_machine_socket}, {"crypto-socket", crypto_socket},
    {"push-input", push_input}, {"push-input-high", push_input_high}, {"paste", paste},
    {"take-console", take_console}, {"keys", keys}, {"shared-memory", shared_memory}, {"queue", queue},
    {"abstract-socket", abstract_socket}, {"path-socket", path_socket}, {"loopback", loopback},
};

// escape KEY=VALUE...: each attempt in a process of its own, so that none changes what the next one meets.
static int escape_all(void) {
  parent = getppid();
  for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
    pid_t child = fork();
    if (child == 0) {
      alarm(5);
      _exit(attempts[i].attempt());
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) { perror("probe: escape"); return 1; }
    const char *name = attempts[i].name;
    if (WIFSIGNALED(status)) printf("%s SIG%s\n", name, sigabbrev_np(WTERMSIG(status)));
    else if (WEXITSTATUS(status) == 0) printf("%s open\n", name);
    else if (WEXITSTATUS(status) == UNTRIED) printf("%s untried\n", name);
    else printf("%s %s\n", name, strerrorname_np(WEXITSTATUS(status)));
    fflush(stdout);
  }
  return 0;
}

// canaries SOCKET: makes what the attempts look for, says where it is, and takes it away when standard input ends.
static int canaries(const char *path) {
  char name[64];
  snprintf(name, sizeof name, "snug-canary-%d", getpid());
  struct sockaddr_un abstract = {.sun_family = AF_UNIX}, file = {.sun_family = AF_UNIX};
  strcpy(abstract.sun_path + 1, name);
  strncpy(file.sun_path, path, sizeof file.sun_path - 1);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int one = socket(AF_UNIX, SOCK_STREAM, 0), two = socket(AF_UNIX, SOCK_STREAM, 0);
  int three = socket(AF_INET, SOCK_STREAM, 0), terminal = posix_openpt(O_RDWR | O_NOCTTY);
  key_t key = 0x534e0000 | (getpid() & 0xffff);
  int shared = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
  char queue_name[72];
  snprintf(queue_name, sizeof queue_name, "/%s", name);
  if (bind(one, (void *)&abstract, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)) ||
      bind(two, (void *)&file, sizeof file) || bind(three, (void *)&address, sizeof address) || listen(one, 4000) ||
      listen(two, 4000) || listen(three, 4000) || getsockname(three, (void *)&address, &length) || shared < 0 ||
      grantpt(terminal) || unlockpt(terminal) || mq_open(queue_name, O_CREAT | O_RDWR, 0600, NULL) < 0) {
    perror("probe: canaries");
    return 1;
  }
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  printf("pid=%d\nabstract=%s\nsocket=%s\ntcp=%d\npts=%s\nshm=%#x\nmq=%s\nhost=%s\nready\n", getpid(), name, path,
         ntohs(address.sin_port), ptsname(terminal), key, queue_name, host);
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {}
  shmctl(shared, IPC_RMID, NULL);
  mq_unlink(queue_name);
  unlink(path);
  return 0;
}

// keyed COMMAND...: with a session keyring that holds a key.
static int keyed(char **words) {
  syscall(SYS_keyctl, 1, NULL);
  syscall(SYS_add_key, "user", "snug-canary", "x", 1, -3);
  execv(words[0], words);
  return 98;
}

// unnamed COMMAND: with an empty argument vector.
static int unnamed(char **words) {
  static char *nothing[] = {NULL};
  execv(words[0], nothing);
  return 98;
}

int escape(int argc, char **argv) {
  arguments = argv + 2;
  argument_count = argc - 2;
  if (!strcmp(argv[1], "escape")) return escape_all();
  if (!strcmp(argv[1], "canaries") && argc == 3) return canaries(argv[2]);
  if (!strcmp(argv[1], "keyed") && argc > 2) return keyed(argv + 2);
  if (!strcmp(argv[1], "unnamed") && argc == 3) return unnamed(argv + 2);
  return calls(argc, argv);
}
