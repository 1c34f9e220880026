// Runs inside a sandbox, or outside as the positive control, and says in one word a line what works. Also sets a caller's
// properties to awkward values before it starts something. Small C, so that it runs wherever /usr is visible.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape.h"
#include "box.h"
#include "control.h"
#include "faults.h"
#include "life.h"
#include "random.h"

static int result(const char *what, long value) {
  if (value < 0) printf("%s: %s\n", what, strerrorname_np(errno));
  else printf("%s: ok\n", what);
  fflush(stdout);
  return 0;
}

static void show_links(const char *directory) {
  DIR *dir = opendir(directory);
  if (!dir) { result(directory, -1); return; }
  struct dirent *entry;
  while ((entry = readdir(dir))) {
    if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(dir)) continue;
    char path[512], text[4096];
    snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    ssize_t length = readlink(path, text, sizeof text - 1);
    text[length < 0 ? 0 : length] = 0;
    printf("link %s %s\n", entry->d_name, text);
  }
  closedir(dir);
}

static void show_file(const char *name, const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) { result(name, -1); return; }
  char line[8192];
  while (fgets(line, sizeof line, file)) printf("%s %s", name, line);
  fclose(file);
}

static int report(const char *name) {
  gid_t groups[256];
  int count = getgroups(256, groups);
  printf("uid %d gid %d groups", getuid(), getgid());
  for (int i = 0; i < count; i++) printf(" %d", groups[i]);
  mode_t mask = umask(0);
  char cwd[8192];
  printf("\numask %03o\ncwd %s\npid %d ppid %d\n", mask, getcwd(cwd, sizeof cwd) ? cwd : "?", getpid(), getppid());
  show_file("status", "/proc/self/status");
  show_file("mount", "/proc/self/mountinfo");
  show_file("uid_map", "/proc/self/uid_map");
  show_file("gid_map", "/proc/self/gid_map");
  show_file("setgroups", "/proc/self/setgroups");
  show_process(name);
  show_links("/proc/self/ns");
  show_links("/proc/self/fd");
  extern char **environ;
  for (char **e = environ; *e; e++) printf("env %s\n", *e);
  return 0;
}

// One attempt; prints "NAME: ok" or "NAME: ERRNO".
static int attempt(char **words) {
  const char *verb = words[0], *path = words[1] ? words[1] : "";
  char buffer[64];
  int fd;
  if (!strcmp(verb, "read")) {
    fd = open(path, O_RDONLY | O_NONBLOCK);
    return result("read", fd < 0 ? -1 : read(fd, buffer, 1));
  }
  if (!strcmp(verb, "list")) return result("list", opendir(path) ? 0 : -1);
  if (!strcmp(verb, "stat")) { struct stat st; return result("stat", stat(path, &st)); }
  if (!strcmp(verb, "write")) return result("write", open(path, O_WRONLY | O_APPEND));
  if (!strcmp(verb, "truncate")) return result("truncate", truncate(path, 0));
  if (!strcmp(verb, "create")) return result("create", open(path, O_WRONLY | O_CREAT | O_EXCL, 0600));
  if (!strcmp(verb, "mkdir")) return result("mkdir", mkdir(path, 0700));
  if (!strcmp(verb, "unlink")) return result("unlink", unlink(path));
  if (!strcmp(verb, "rename")) return result("rename", rename(path, words[2]));
  if (!strcmp(verb, "link")) return result("link", link(path, words[2]));
  if (!strcmp(verb, "chmod")) return result("chmod", chmod(path, 0777));
  if (!strcmp(verb, "mknod")) return result("mknod", mknod(path, S_IFCHR | 0600, 0x101));
  if (!strcmp(verb, "umount")) return result("umount", umount2(path, MNT_DETACH));
  if (!strcmp(verb, "remount")) return result("remount", mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL));
  if (!strcmp(verb, "mount")) return result("mount", mount("x", path, "tmpfs", 0, NULL));
  if (!strcmp(verb, "unshare-user")) return result("unshare-user", unshare(CLONE_NEWUSER));
  if (!strcmp(verb, "setgroups")) { gid_t g = 0; return result("setgroups", setgroups(1, &g)); }
  if (!strcmp(verb, "setuid")) return result("setuid", setuid(0));
  if (!strcmp(verb, "kill")) return result("kill", kill(atoi(path), words[2] ? atoi(words[2]) : 0));
  if (!strcmp(verb, "ptrace")) return result("ptrace", ptrace(PTRACE_ATTACH, atoi(path), 0, 0));
  if (!strcmp(verb, "prlimit")) {
    struct rlimit limit = {5, 5};
    return result("prlimit", prlimit(atoi(path), RLIMIT_NOFILE, &limit, NULL));
  }
  if (!strcmp(verb, "tiocsti")) return result("tiocsti", ioctl(0, TIOCSTI, "x"));
  if (!strcmp(verb, "tiocsti-high"))
    return result("tiocsti-high", syscall(SYS_ioctl, 0, TIOCSTI | 0x12300000000L, "x"));
  if (!strcmp(verb, "keyctl")) return result("keyctl", syscall(SYS_keyctl, 0, -3, 0));
  if (!strcmp(verb, "io_uring")) return result("io_uring", syscall(425, 1, NULL));
  if (!strcmp(verb, "socket")) return result("socket", socket(atoi(path), SOCK_STREAM, 0));
  if (!strcmp(verb, "abstract") || !strcmp(verb, "connect")) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int abstract = verb[0] == 'a';
    strncpy(address.sun_path + abstract, path, sizeof address.sun_path - 2);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return result(verb, connect(fd, (void *)&address, offsetof(struct sockaddr_un, sun_path) + abstract + strlen(path)));
  }
  if (!strcmp(verb, "syscall")) return result("syscall", syscall(atol(path), -1, -1, -1, -1, -1, -1));
  fprintf(stderr, "probe: unknown attempt %s\n", verb);
  return 2;
}

// Listens on an abstract name until its standard input ends; says "ready" first.
static int serve(const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path + 1, name, sizeof address.sun_path - 2);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(fd, (void *)&address, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)) || listen(fd, 5)) {
    perror("probe");
    return 1;
  }
  puts("ready");
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {}
  return 0;
}

// A grandchild that lives on while the program itself exits at once.
static int orphan(int seconds, int status) {
  if (fork() == 0) {
    if (fork() == 0) {
      prctl(PR_SET_NAME, "lingerer");
      sleep(seconds);
      _exit(0);
    }
    _exit(0);
  }
  wait(NULL);
  return status;
}

// awkward UID GID GROUPS UMASK CLOSED OPEN SIGNALS DIRECTORY COMMAND...: GROUPS is a comma list, CLOSED digits of 0-2 to
// close (or -), OPEN how many descriptors to leave open, SIGNALS `default`, `ignored`, `blocked`, or `deaf`: ignored but for
// SIGCHLD, without which some programs wait for ever.
static int awkward(char **words) {
  gid_t groups[64];
  int count = 0;
  for (char *g = strtok(words[2], ","); g && count < 64; g = strtok(NULL, ",")) groups[count++] = atoi(g);
  if (chdir(words[7])) { perror(words[7]); return 99; }
  if (geteuid() == 0) {
    if (setgroups(count, groups) || setgid(atoi(words[1])) || setuid(atoi(words[0]))) { perror("probe: ids"); return 99; }
  }
  umask(strtol(words[3], NULL, 8));
  for (int i = 0; i < atoi(words[5]); i++) {
    int fd = open(i % 2 ? "/" : "/etc/passwd", O_RDONLY);
    if (fd >= 0 && i % 3 == 0) dup2(fd, 200 + i);
  }
  if (strcmp(words[6], "default")) {
    int block = !strcmp(words[6], "blocked");
    sigset_t all;
    sigfillset(&all);
    for (int s = 1; s < 65; s++)
      if (!block && (s != SIGCHLD || strcmp(words[6], "deaf"))) signal(s, SIG_IGN);
    if (block) sigprocmask(SIG_SETMASK, &all, NULL);
  }
  for (char *c = words[4]; *c; c++)
    if (*c >= '0' && *c <= '2') close(*c - '0');
  execv(words[8], words + 8);
  return 98;
}

static int put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) { perror(path); return -1; }
  return close(fd);
}

// limited FILE COMMAND...: COMMAND in a user namespace with every id the caller may map and with 0 in
// /proc/sys/user/FILE, as where an administrator has forbidden that kind of namespace.
static int limited(char **words) {
  int go[2], done[2];
  char byte, path[128], map[64];
  if (pipe2(go, O_CLOEXEC) || pipe2(done, O_CLOEXEC)) return 99;
  uid_t uid = geteuid();
  gid_t gid = getegid();
  pid_t self = getpid();
  pid_t helper = fork();
  if (helper == 0) {
    // Maps of more than the own id can be written from outside only.
    close(go[1]);
    if (read(go[0], &byte, 1) != 1) _exit(1);
    if (uid == 0) strcpy(map, "0 0 4294967295");
    else snprintf(map, sizeof map, "%u %u 1", uid, uid);
    snprintf(path, sizeof path, "/proc/%d/setgroups", self);
    if (uid != 0 && put(path, "deny")) _exit(1);
    snprintf(path, sizeof path, "/proc/%d/uid_map", self);
    if (put(path, map)) _exit(1);
    if (uid != 0) snprintf(map, sizeof map, "%u %u 1", gid, gid);
    snprintf(path, sizeof path, "/proc/%d/gid_map", self);
    _exit(put(path, map) || write(done[1], "x", 1) != 1);
  }
  close(done[1]);
  if (unshare(CLONE_NEWUSER) || write(go[1], "x", 1) != 1 || read(done[0], &byte, 1) != 1) {
    perror("probe: limited");
    return 99;
  }
  waitpid(helper, NULL, 0);
  snprintf(path, sizeof path, "/proc/sys/user/%s", words[0]);
  if (put(path, "0")) return 99;
  execv(words[1], words + 1);
  return 98;
}

// Exchanges two names over and over until standard input ends, in bursts with rests between them, so that a start may meet
// either name at rest or any instant of a burst; says "ready" first and the number of exchanges last.
static int race(const char *one, const char *other) {
  puts("ready");
  fflush(stdout);
  fcntl(0, F_SETFL, O_NONBLOCK);
  long count = 0;
  char byte;
  while (read(0, &byte, 1) != 0) {
    for (int burst = rand() % 400; burst >= 0; burst--, count++)
      if (renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE)) { perror("probe: race"); return 1; }
    if (rand() % 2) usleep(rand() % 20000);
  }
  printf("%ld\n", count);
  return 0;
}

// What a racer is up against in a program that checks a name and then uses it: how often of `times` a file passed the
// check (no link) and its content began with `letter` all the same.
static int naive(const char *path, int times, char letter) {
  int fooled = 0;
  for (int i = 0; i < times; i++) {
    struct stat st;
    if (lstat(path, &st) || !S_ISREG(st.st_mode)) continue;
    char byte = 0;
    int fd = open(path, O_RDONLY);
    if (fd >= 0 && read(fd, &byte, 1) == 1 && byte == letter) fooled++;
    if (fd >= 0) close(fd);
  }
  printf("%d\n", fooled);
  return 0;
}

// mounts DIRECTORY COUNT COMMAND...: as root, in a mount namespace of its own, with COUNT tmpfs on DIRECTORY/0 and on.
static int mounts(char **words) {
  if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) { perror("probe: unshare"); return 99; }
  int count = atoi(words[1]);
  for (int i = 0; i < count; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%d", words[0], i);
    if ((mkdir(path, 0755) && errno != EEXIST) || mount("many", path, "tmpfs", 0, "mode=755,size=4096")) {
      perror(path);
      return 99;
    }
  }
  execv(words[2], words + 2);
  return 98;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  if (!strcmp(argv[1], "limited") && argc > 3) return limited(argv + 2);
  if (!strcmp(argv[1], "report")) return report(argv[0]);
  if (!strcmp(argv[1], "try")) {
    // Several attempts, each up to a comma.
    int status = 0;
    for (int i = 2; i < argc;) {
      char *words[8] = {0};
      int count = 0;
      while (i < argc && strcmp(argv[i], ",") && count < 7) words[count++] = argv[i++];
      i++;
      if (count) status |= attempt(words);
    }
    return status;
  }
  if (!strcmp(argv[1], "serve") && argc == 3) return serve(argv[2]);
  if (!strcmp(argv[1], "orphan") && argc == 4) return orphan(atoi(argv[2]), atoi(argv[3]));
  if (!strcmp(argv[1], "awkward") && argc > 10) return awkward(argv + 2);
  if (!strcmp(argv[1], "race") && argc == 4) return race(argv[2], argv[3]);
  if (!strcmp(argv[1], "naive") && argc == 5) return naive(argv[2], atoi(argv[3]), argv[4][0]);
  if (!strcmp(argv[1], "mounts") && argc > 4) return mounts(argv + 2);
  if (!strcmp(argv[1], "arguments")) {
    // Count, total length and a sum: equal inside and outside when every byte arrived.
    unsigned long length = 0, sum = 5381;
    for (int i = 2; i < argc; i++)
      for (unsigned char *c = (unsigned char *)argv[i]; *c; c++) length++, sum = sum * 33 + *c;
    printf("%d %lu %lx\n", argc - 2, length, sum);
    return 0;
  }
  int status = escape(argc, argv);
  if (status < 0) status = life(argc, argv);
  if (status < 0) status = box(argc, argv);
  if (status < 0) status = control(argc, argv);
  if (status < 0) status = faults(argc, argv);
  if (status < 0) status = fingerprint(argc, argv);
  if (status < 0) status = kills(argc, argv);
  if (status < 0) status = inject(argc, argv);
  if (status < 0) status = random_calls(argc, argv);
  if (status >= 0) return status;
  fprintf(stderr, "probe: unknown command %s\n", argv[1]);
  return 2;
}
