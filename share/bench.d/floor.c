/* The floor: the sandbox of a bubblewrap command line with the calls that it cannot do without, and no others.
 *
 *   floor [OPTIONS] -- COMMAND [ARGS...]     a subset of bubblewrap's options, carried out in the order given
 *   floor --check                            says from inside what this process can see of its sandbox (check.c)
 *
 * It trusts its arguments: no message is worded, no name is judged, nothing is checked afterwards. What it takes is
 * what the kernel takes; what a program takes above it is its own. As bubblewrap does, the launcher leaves
 * when the command's status is known, before the namespaces are gone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* <sys/mount.h> and <linux/mount.h> cannot be included together everywhere. */
#define OLD_MS_REC 16384
#define OLD_MS_SLAVE (1 << 19)
#define OLD_MNT_DETACH 2
#define TREE_CLONE 1

extern char **environ;

static int new_root; /* the root of the sandbox, not yet entered */

static void need(long result, const char *what) {
  if (result >= 0) return;
  dprintf(2, "floor: cannot %s: %s\n", what, strerror(errno));
  _exit(125);
}

static void put(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  need(file, path);
  need(write(file, text, strlen(text)), path);
  close(file);
}

static void put_map(const char *path, unsigned id) {
  char text[64];
  snprintf(text, sizeof text, "%u %u 1", id, id);
  put(path, text);
}

/* A place below the new root, without its leading slash. */
static const char *inside(const char *path) { return path[1] ? path + 1 : "."; }

static void make_parents(const char *path) {
  char name[4096];
  snprintf(name, sizeof name, "%s", inside(path));
  for (char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdirat(new_root, name, 0755);
    *slash = '/';
  }
}

static void make_directory(const char *path, mode_t mode) {
  if (mkdirat(new_root, inside(path), mode) == 0 || errno == EEXIST) return;
  make_parents(path);
  mkdirat(new_root, inside(path), mode);
}

static void make_file(const char *path) {
  if (mknodat(new_root, inside(path), S_IFREG | 0444, 0) == 0 || errno == EEXIST) return;
  make_parents(path);
  mknodat(new_root, inside(path), S_IFREG | 0444, 0);
}

static void place(int tree, const char *path) {
  need(syscall(SYS_move_mount, tree, "", new_root, inside(path), MOVE_MOUNT_F_EMPTY_PATH), path);
  close(tree);
}

/* A new filesystem, not yet anywhere. Settings come in pairs, a null pointer ends them. */
static int make_filesystem(const char *type, const char *const *settings, unsigned attributes) {
  int context = syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
  need(context, type);
  for (; *settings; settings += 2)
    need(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, settings[0], settings[1], 0), settings[0]);
  need(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
  int mount = syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes);
  need(mount, type);
  close(context);
  return mount;
}

static void bind_tree(const char *host, const char *target, uint64_t attributes) {
  int tree = syscall(SYS_open_tree, AT_FDCWD, host, TREE_CLONE | AT_RECURSIVE | O_CLOEXEC);
  need(tree, host);
  struct mount_attr set = {.attr_set = attributes};
  need(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &set, sizeof set), host);
  struct stat facts;
  need(fstat(tree, &facts), host);
  if (S_ISDIR(facts.st_mode)) make_directory(target, 0755);
  else make_file(target);
  place(tree, target);
}

static void make_tmpfs(const char *target, const char *mode, const char *size) {
  const char *settings[] = {"mode", mode, size ? "size" : NULL, size, NULL};
  make_directory(target, 0755);
  place(make_filesystem("tmpfs", settings, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV), target);
}

static void make_proc(const char *target) {
  const char *none[] = {NULL};
  make_directory(target, 0755);
  place(make_filesystem("proc", none, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC), target);
}

static void make_dev(const char *target) {
  static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};
  static const char *const links[][2] = {{"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"},
                                         {"/proc/self/fd/2", "stderr"}, {"/proc/self/fd", "fd"},
                                         {"/proc/kcore", "core"}, {"pts/ptmx", "ptmx"}};
  const char *pts[] = {"ptmxmode", "0666", "mode", "620", NULL};
  char from[64], to[4096];
  make_tmpfs(target, "755", NULL);
  for (size_t index = 0; index < sizeof nodes / sizeof *nodes; index++) {
    snprintf(from, sizeof from, "/dev/%s", nodes[index]);
    snprintf(to, sizeof to, "%s/%s", target, nodes[index]);
    bind_tree(from, to, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  }
  for (size_t index = 0; index < sizeof links / sizeof *links; index++) {
    snprintf(to, sizeof to, "%s/%s", target, links[index][1]);
    need(symlinkat(links[index][0], new_root, inside(to)), to);
  }
  snprintf(to, sizeof to, "%s/shm", target);
  make_directory(to, 0755);
  snprintf(to, sizeof to, "%s/pts", target);
  make_directory(to, 0755);
  place(make_filesystem("devpts", pts, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC), to);
}

static void make_read_only(const char *target) {
  struct mount_attr set = {.attr_set = MOUNT_ATTR_RDONLY};
  need(syscall(SYS_mount_setattr, new_root, inside(target), AT_EMPTY_PATH, &set, sizeof set), target);
}

static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int channel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  need(channel, "make a socket");
  need(ioctl(channel, SIOCSIFFLAGS, &request), "raise the loopback");
  close(channel);
}

/* What the options say that is no op. */
struct wishes {
  uint64_t namespaces;
  const char *directory, *hostname;
  int dies_with_parent, new_session;
};

static const char *mode = NULL, *size = NULL; /* of the next tmpfs */

/* One option, with what follows it; carried out when `act`. How many words it takes; 0 where it is none of ours. */
static int option(char **words, struct wishes *wishes, int act) {
  static const struct { const char *name; uint64_t flag; } spaces[] = {
      {"--unshare-user", CLONE_NEWUSER}, {"--unshare-pid", CLONE_NEWPID}, {"--unshare-ipc", CLONE_NEWIPC},
      {"--unshare-uts", CLONE_NEWUTS}, {"--unshare-cgroup", CLONE_NEWCGROUP}, {"--unshare-net", CLONE_NEWNET}};
  const char *name = words[0];
  for (size_t index = 0; index < sizeof spaces / sizeof *spaces; index++)
    if (!strcmp(name, spaces[index].name)) return wishes->namespaces |= spaces[index].flag, 1;
  if (!strcmp(name, "--die-with-parent")) return wishes->dies_with_parent = 1, 1;
  if (!strcmp(name, "--new-session")) return wishes->new_session = 1, 1;
  if (!strcmp(name, "--clearenv")) return act ? clearenv(), 1 : 1;
  if (!words[1]) return 0;
  if (!strcmp(name, "--chdir")) return wishes->directory = words[1], 2;
  if (!strcmp(name, "--hostname")) return wishes->hostname = words[1], 2;
  if (!strcmp(name, "--perms")) return mode = words[1], 2;
  if (!strcmp(name, "--size")) return size = words[1], 2;
  if (!strcmp(name, "--proc")) return act ? make_proc(words[1]), 2 : 2;
  if (!strcmp(name, "--dev")) return act ? make_dev(words[1]), 2 : 2;
  if (!strcmp(name, "--remount-ro")) return act ? make_read_only(words[1]), 2 : 2;
  if (!strcmp(name, "--tmpfs")) {
    if (act) make_tmpfs(words[1], mode ? mode : "755", size);
    return mode = size = NULL, 2;
  }
  if (!words[2]) return 0;
  if (!strcmp(name, "--setenv")) return act ? setenv(words[1], words[2], 1), 3 : 3;
  if (!strcmp(name, "--ro-bind") || !strcmp(name, "--bind")) {
    uint64_t read_only = name[2] == 'r' ? MOUNT_ATTR_RDONLY : 0;
    if (act) bind_tree(words[1], words[2], MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | read_only);
    return 3;
  }
  if (!strcmp(name, "--symlink")) {
    if (act && symlinkat(words[1], new_root, inside(words[2])) != 0) {
      make_parents(words[2]);
      need(symlinkat(words[1], new_root, inside(words[2])), words[2]);
    }
    return 3;
  }
  return 0;
}

/* The index of the command. */
static int walk(char **words, struct wishes *wishes, int act) {
  int index = 1;
  while (words[index] && strcmp(words[index], "--") != 0) {
    int taken = option(words + index, wishes, act);
    if (taken == 0) {
      dprintf(2, "floor: does not know %s\n", words[index]);
      _exit(125);
    }
    index += taken;
  }
  if (!words[index] || !words[index + 1]) {
    dprintf(2, "floor: no command\n");
    _exit(125);
  }
  return index + 1;
}

static void enter_root(void) {
  need(fchdir(new_root), "enter the new root");
  need(syscall(SYS_pivot_root, ".", "."), "pivot");
  need(syscall(SYS_umount2, ".", OLD_MNT_DETACH), "detach the old root");
  need(chdir("/"), "change to the root");
}

static void drop_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
  for (int number = 0; prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0; number++) {}
  need(syscall(SYS_capset, &header, none), "drop capabilities");
  need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set no_new_privs");
}

static int status_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

/* PID 1: builds, starts the command, reaps, tells the launcher how the command ended. */
static void init(char **words, struct wishes *wishes, unsigned uid, unsigned gid, int report) {
  const char *root_settings[] = {"mode", "755", NULL};
  if (wishes->dies_with_parent) need(prctl(PR_SET_PDEATHSIG, SIGKILL), "arm the parent-death signal");
  put("/proc/self/setgroups", "deny");
  put_map("/proc/self/uid_map", uid);
  put_map("/proc/self/gid_map", gid);
  if (wishes->hostname) need(sethostname(wishes->hostname, strlen(wishes->hostname)), "set the host name");
  if (wishes->namespaces & CLONE_NEWNET) raise_loopback();
  need(syscall(SYS_mount, NULL, "/", NULL, OLD_MS_REC | OLD_MS_SLAVE, NULL), "make the root a slave");
  new_root = make_filesystem("tmpfs", root_settings, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  /* On top of "/": names that begin with a slash still lead to the old root, descriptors to the new one. */
  need(syscall(SYS_move_mount, new_root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH), "mount the new root");
  umask(0);
  char **command = words + walk(words, wishes, 1);
  umask(022);
  enter_root();
  if (wishes->directory) need(chdir(wishes->directory), wishes->directory);
  if (wishes->new_session) need(setsid(), "make a session");
  drop_capabilities();
  pid_t app = vfork();
  need(app, "fork");
  if (app == 0) {
    execvpe(command[0], command, environ);
    dprintf(2, "floor: cannot execute %s: %s\n", command[0], strerror(errno));
    _exit(127);
  }
  int status, result = 1;
  pid_t ended;
  while ((ended = wait(&status)) > 0 || errno == EINTR)
    if (ended == app) {
      unsigned char code = result = status_of(status);
      need(write(report, &code, 1), "report");
      close(report);
    }
  _exit(result);
}

int main(int count, char **words) {
  if (count == 2 && !strcmp(words[1], "--check")) return check();
  struct wishes wishes = {0};
  unsigned uid = getuid(), gid = getgid();
  int report[2];
  walk(words, &wishes, 0);
  need(pipe2(report, O_CLOEXEC), "make a pipe");
  struct clone_args arguments = {.flags = wishes.namespaces | CLONE_NEWNS, .exit_signal = SIGCHLD};
  long child = syscall(SYS_clone3, &arguments, sizeof arguments);
  need(child, "clone");
  if (child == 0) init(words, &wishes, uid, gid, report[1]);
  close(report[1]);
  unsigned char code;
  if (read(report[0], &code, 1) == 1) return code;
  int status;
  need(waitpid(child, &status, 0), "wait");
  return status_of(status);
}
