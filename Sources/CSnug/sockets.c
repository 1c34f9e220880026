#define _GNU_SOURCE
#include "csnug.h"
#include "checked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// Sockets that have a name, and what a directory of instances is kept by.

long csnug_socket(void) { return checked(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)); }

long csnug_stream_socket(void) { return checked(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }

static bool fill(struct sockaddr_un *address, const char *path) {
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof address->sun_path) return false;
  memcpy(address->sun_path, path, length);
  return true;
}

long csnug_bind(int fd, const char *path) {
  struct sockaddr_un address;
  if (!fill(&address, path)) return -ENAMETOOLONG;
  return checked(bind(fd, (struct sockaddr *)&address, sizeof address));
}

long csnug_listen(int fd, int backlog) { return checked(listen(fd, backlog)); }

long csnug_connect(int fd, const char *path) {
  struct sockaddr_un address;
  if (!fill(&address, path)) return -ENAMETOOLONG;
  long result;
  do result = checked(connect(fd, (struct sockaddr *)&address, sizeof address));
  while (result == -EINTR);
  return result;
}

long csnug_open_stream(const void *name, size_t length) {
  struct sockaddr_un address;
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (length > sizeof address.sun_path) return -ENAMETOOLONG;
  memcpy(address.sun_path, name, length);
  long fd = checked(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd < 0) return fd;
  socklen_t size = offsetof(struct sockaddr_un, sun_path) + length;
  long result = checked(connect((int)fd, (struct sockaddr *)&address, size));
  if (result == 0) return fd;
  close((int)fd);
  return result;
}

long csnug_listen_stream(const char *path, int backlog) {
  struct sockaddr_un address;
  if (!fill(&address, path)) return -ENAMETOOLONG;
  long fd = checked(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd < 0) return fd;
  long result = checked(bind((int)fd, (struct sockaddr *)&address, sizeof address));
  if (result == 0) result = checked(listen((int)fd, backlog));
  if (result == 0) return fd;
  close((int)fd);
  return result;
}

long csnug_accept(int fd) {
  long result;
  do result = checked(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
  while (result == -EINTR);
  return result;
}

long csnug_peer(int fd, int *pid, uint32_t *uid) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  long result = checked(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length));
  if (result < 0) return result;
  *pid = credentials.pid;
  *uid = credentials.uid;
  return 0;
}

long csnug_lock(int fd, int64_t start, int64_t length) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return checked(fcntl(fd, F_OFD_SETLK, &lock));
}

long csnug_find_lock(int fd, int64_t *start, int64_t *length) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  long result = checked(fcntl(fd, F_OFD_GETLK, &lock));
  if (result < 0 || lock.l_type == F_UNLCK) return result < 0 ? result : 0;
  *start = lock.l_start;
  *length = lock.l_len;
  return 1;
}

long csnug_rename_new(int from, const char *name, int to, const char *other) {
  return checked(renameat2(from, name, to, other, RENAME_NOREPLACE));
}

long csnug_random(void *bytes, size_t count) { return checked(getrandom(bytes, count, 0)); }

long csnug_send_as_self(int fd, const void *bytes, size_t count) {
  struct ucred self = {.pid = getpid(), .uid = getuid(), .gid = getgid()};
  union {
    char bytes[CMSG_SPACE(sizeof self)];
    struct cmsghdr aligned;
  } space = {.bytes = {0}};
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = space.bytes, .msg_controllen = sizeof space.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_CREDENTIALS;
  header->cmsg_len = CMSG_LEN(sizeof self);
  memcpy(CMSG_DATA(header), &self, sizeof self);
  return checked(sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
}
