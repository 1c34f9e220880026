#define _GNU_SOURCE
#include "csnug.h"
#include "checked.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

long csnug_open_tree_clone(int fd, bool recursive) {
  return checked(syscall(SYS_open_tree, fd, "",
                         OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0)));
}

long csnug_mount_setattr(int fd, uint64_t set, bool recursive, bool private_propagation) {
  struct mount_attr attr = {.attr_set = set, .propagation = private_propagation ? (1 << 18) /* MS_PRIVATE */ : 0};
  return checked(
      syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr, sizeof attr));
}

long csnug_move_mount(int from, int to) {
  return checked(syscall(SYS_move_mount, from, "", to, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

long csnug_fsopen(const char *type) { return checked(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)); }
long csnug_fsconfig_string(int fd, const char *key, const char *value) {
  return checked(syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, key, value, 0));
}
long csnug_fsconfig_flag(int fd, const char *key) {
  return checked(syscall(SYS_fsconfig, fd, FSCONFIG_SET_FLAG, key, NULL, 0));
}
long csnug_fsconfig_fd(int fd, const char *key, int value) {
  return checked(syscall(SYS_fsconfig, fd, FSCONFIG_SET_FD, key, NULL, value));
}
long csnug_fsconfig_create(int fd) {
  return checked(syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
}
long csnug_fsmount(int fd, uint64_t attributes) {
  return checked(syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attributes));
}

// mount(2) and umount2(2) by number: <sys/mount.h> and <linux/mount.h> define the same names.
long csnug_make_root_slave(void) {
  return checked(syscall(SYS_mount, NULL, "/", NULL, (1 << 14) /* MS_REC */ | (1 << 19) /* MS_SLAVE */, NULL));
}
long csnug_mount_bind(const char *from, const char *on) {
  return checked(syscall(SYS_mount, from, on, NULL, 1 << 12 /* MS_BIND */, NULL));
}
long csnug_pivot_root_here(void) { return checked(syscall(SYS_pivot_root, ".", ".")); }
long csnug_detach_root(void) { return checked(syscall(SYS_umount2, "/", 2 /* MNT_DETACH */)); }
long csnug_fchdir(int fd) { return checked(fchdir(fd)); }
long csnug_chdir(const char *path) { return checked(chdir(path)); }
// The raw call: it tells "(unreachable)" where glibc would hide it.
long csnug_getcwd(char *buffer, size_t count) { return checked(syscall(SYS_getcwd, buffer, count)); }
