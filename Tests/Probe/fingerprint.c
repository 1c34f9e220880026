// What a program can tell of the box that it is in. Two runs that differ in nothing print the same, and a box that lacks
// one of its walls prints something else.
#define _GNU_SOURCE
#include "faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int by_text(const void *one, const void *other) { return strcmp(*(char *const *)one, *(char *const *)other); }

static void show_names(const char *path) {
  char *names[1024];
  int count = 0;
  DIR *folder = opendir(path);
  printf("names %s", path);
  if (!folder) printf(" %s", strerrorname_np(errno));
  for (struct dirent *entry; folder && (entry = readdir(folder)) && count < 1024;) {
    // Of proc only the processes, and not ourselves, whose number differs.
    if (!strcmp(path, "/proc") && (atoi(entry->d_name) == 0 || atoi(entry->d_name) == getpid())) continue;
    names[count++] = strdup(entry->d_name);
  }
  qsort(names, (size_t)count, sizeof *names, by_text);
  for (int i = 0; i < count; i++) printf(" %s", names[i]);
  putchar('\n');
  if (folder) closedir(folder);
}

static void show_lines(const char *path, const char *const *wanted) {
  FILE *file = fopen(path, "r");
  if (!file) printf("%s %s\n", path, strerrorname_np(errno));
  char line[4096];
  while (file && fgets(line, sizeof line, file))
    for (const char *const *w = wanted; *w; w++)
      if (!strncmp(line, *w, strlen(*w))) printf("%s", line);
  if (file) fclose(file);
}

// Without the ids and device numbers, which differ from run to run: "mount ROOT POINT FLAGS ... - TYPE SOURCE OPTIONS".
static void show_mounts(void) {
  FILE *file = fopen("/proc/self/mountinfo", "r");
  char line[8192];
  while (file && fgets(line, sizeof line, file)) {
    char *rest = line;
    for (int i = 0; i < 3 && rest; i++) rest = strchr(rest + 1, ' ');
    printf("mount%s", rest ? rest : " ?\n");
  }
  if (file) fclose(file);
}

static void show_descriptors(void) {
  for (int fd = 0; fd < 4096; fd++) {
    struct stat st;
    if (fstat(fd, &st)) continue;
    printf("descriptor %d kind %o flags %o %s\n", fd, st.st_mode & S_IFMT, fcntl(fd, F_GETFL) & O_ACCMODE,
           fcntl(fd, F_GETFD) ? "closed on exec" : "");
  }
}

// A domain may be made sixteen times over: how often it still can is how often it was not made yet.
static void show_landlock(void) {
  int ends[2];
  if (pipe(ends)) return;
  pid_t child = fork();
  if (child == 0) {
    uint64_t handled = 1 << 0;
    int more = 0;
    int rules = (int)syscall(444, &handled, sizeof handled, 0);
    while (rules >= 0 && more < 64 && syscall(446, rules, 0) == 0) more++;
    if (rules < 0) more = -errno;
    _exit(write(ends[1], &more, sizeof more) != sizeof more);
  }
  int more = -1;
  close(ends[1]);
  if (read(ends[0], &more, sizeof more) != sizeof more) more = -2;
  close(ends[0]);
  waitpid(child, NULL, 0);
  printf("landlock %d more\n", more);
}

static void tried(const char *what, long result) {
  printf("try %s: %s\n", what, result < 0 ? strerrorname_np(errno) : "ok");
}

// Calls that a layer refuses, with arguments that do nothing where it does not.
static void show_attempts(void) {
  tried("keyctl", syscall(SYS_keyctl, 0, -3, 0));
  tried("unshare", unshare(CLONE_NEWUTS));
  tried("ptrace", ptrace(PTRACE_ATTACH, 0x7ffffff0, 0, 0));
  tried("mount", mount("x", "/", "tmpfs", 0, NULL));
  tried("umount", umount2("/proc", MNT_DETACH));
  tried("chroot", chroot("/"));
  tried("io_uring", syscall(425, 1, NULL));
  tried("bpf", syscall(SYS_bpf, -1, NULL, 0));
  tried("write /usr", open("/usr/x", O_WRONLY | O_CREAT, 0600));
  tried("write /", open("/x", O_WRONLY | O_CREAT, 0600));
  tried("memory of 1", open("/proc/1/mem", O_RDONLY));
  tried("sysctl", open("/proc/sys/kernel/hostname", O_WRONLY));
  tried("kcore", open("/proc/kcore", O_RDONLY));
}

static void show_network(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  for (int i = 1; i < 64 && fd >= 0; i++) {
    struct ifreq request = {.ifr_ifindex = i};
    if (ioctl(fd, SIOCGIFNAME, &request)) continue;
    printf("interface %s", request.ifr_name);
    if (ioctl(fd, SIOCGIFFLAGS, &request) == 0) printf(" %s", request.ifr_flags & IFF_UP ? "up" : "down");
    putchar('\n');
  }
  if (fd >= 0) close(fd);
  else printf("interface %s\n", strerrorname_np(errno));
}

int fingerprint(int argc, char **argv) {
  (void)argc;
  if (strcmp(argv[1], "fingerprint")) return -1;
  static char buffer[1 << 16];
  // One write at the end: a reader sees all of it or that it is cut.
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  puts("the app runs");
  show_descriptors();
  const char *const status[] = {"Umask", "Uid", "Gid", "Groups", "Threads", "SigBlk", "SigIgn", "Cap", "NoNewPrivs",
                                "Seccomp", NULL};
  const char *const all[] = {"", NULL};
  show_lines("/proc/self/status", status);
  const char *maps[] = {"/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/setgroups", "/etc/passwd", "/etc/group"};
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) show_lines(maps[i], all);
  const char *spaces[] = {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"};
  for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "/proc/self/ns/%s", spaces[i]);
    printf("namespace %s %lu\n", spaces[i], stat(path, &st) ? 0 : st.st_ino);
  }
  show_mounts();
  char text[4096];
  printf("cwd %s\n", getcwd(text, sizeof text) ? text : strerrorname_np(errno));
  printf("host %s\n", gethostname(text, sizeof text) ? "?" : text);
  printf("session %s group %s nice %d\n", getsid(0) == getpid() ? "own" : "other", getpgid(0) == getpid() ? "own" : "other",
         getpriority(PRIO_PROCESS, 0));
  for (int kind = 0; kind < 16; kind++) {
    struct rlimit limit;
    if (getrlimit(kind, &limit) == 0) printf("limit %d %lu %lu\n", kind, limit.rlim_cur, limit.rlim_max);
  }
  show_network();
  const char *home = getenv("HOME"), *runtime = getenv("XDG_RUNTIME_DIR");
  const char *places[] = {"/",    "/dev", "/dev/pts", "/dev/shm", "/proc", "/etc",
                          "/tmp", "/run", "/home",    "/root",    home ? home : "/", runtime ? runtime : "/"};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) show_names(places[i]);
  extern char **environ;
  size_t count = 0;
  while (environ[count]) count++;
  qsort(environ, count, sizeof *environ, by_text);
  for (char **e = environ; *e; e++) printf("variable %s\n", *e);
  show_landlock();
  show_attempts();
  puts("the app ends");
  return fflush(stdout) ? 1 : 0;
}
