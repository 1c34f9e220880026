#define _GNU_SOURCE
#include "csnug.h"
#include "checked.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Packets with descriptors, and waiting for many at once.

// As many as SCM_RIGHTS ever needs to carry here; the kernel takes 253, unix(7).
enum { most = 16 };

long csnug_send_descriptors(int fd, const void *bytes, size_t count, const int *descriptors, size_t number) {
  union {
    char bytes[CMSG_SPACE(most * sizeof(int))];
    struct cmsghdr align;
  } control;
  if (number > most) return -EINVAL;
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (number > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(number * sizeof(int));
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(number * sizeof(int));
    memcpy(CMSG_DATA(rights), descriptors, number * sizeof(int));
  }
  long result;
  do result = checked(sendmsg(fd, &message, MSG_NOSIGNAL));
  while (result == -EINTR);
  return result;
}

long csnug_receive_descriptors(int fd, void *bytes, size_t count, int *descriptors, size_t *number, int *sender) {
  union {
    char bytes[CMSG_SPACE(3 * sizeof(int)) + CMSG_SPACE(most * sizeof(int))]; // struct ucred is three of them
    struct cmsghdr align;
  } control;
  struct iovec part = {.iov_base = bytes, .iov_len = count};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  size_t room = *number;
  *number = 0;
  *sender = 0;
  long result;
  do result = checked(recvmsg(fd, &message, MSG_CMSG_CLOEXEC));
  while (result == -EINTR);
  if (result < 0) return result;
  bool refused = message.msg_flags & (MSG_TRUNC | MSG_CTRUNC);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET) continue;
    if (c->cmsg_type == SCM_CREDENTIALS) {
      struct ucred credentials;
      memcpy(&credentials, CMSG_DATA(c), sizeof credentials);
      *sender = credentials.pid;
    } else if (c->cmsg_type == SCM_RIGHTS) {
      size_t came = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t i = 0; i < came; i++) {
        int one;
        memcpy(&one, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
        if (*number < room) descriptors[(*number)++] = one;
        else {
          close(one);
          refused = true;
        }
      }
    }
  }
  if (!refused) return result;
  while (*number > 0) close(descriptors[--*number]);
  return -EMSGSIZE;
}

long csnug_next_length(int fd) {
  struct msghdr message = {0};
  long result;
  do result = checked(recvmsg(fd, &message, MSG_PEEK | MSG_TRUNC));
  while (result == -EINTR);
  return result;
}

long csnug_poll_many(const int *fds, int *events, size_t count, int timeout_ms) {
  struct pollfd *list = calloc(count ? count : 1, sizeof *list);
  if (!list) return -ENOMEM;
  for (size_t i = 0; i < count; i++) list[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
  long result = checked(poll(list, count, timeout_ms));
  for (size_t i = 0; i < count; i++)
    events[i] = result < 0 ? 0
                           : (list[i].revents & POLLIN ? 1 : 0) |
                                 (list[i].revents & (POLLHUP | POLLERR | POLLNVAL) ? 2 : 0);
  free(list);
  return result;
}

long csnug_peer_pidfd(int fd) {
  int pidfd;
  socklen_t length = sizeof pidfd;
  long result = checked(getsockopt(fd, SOL_SOCKET, 77, &pidfd, &length)); // SO_PEERPIDFD, newer than the headers
  return result < 0 ? result : pidfd;
}

long csnug_pass_credentials(int fd) {
  int on = 1;
  return checked(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
}

long csnug_dup_to(int fd, int number) { return checked(dup3(fd, number, 0)); }

long csnug_set_nonblocking(int fd) { return checked(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK)); }

long csnug_setpgid(int pid, int group) { return checked(setpgid(pid, group)); }

long csnug_pipe(int *out) { return checked(pipe2(out, O_CLOEXEC)); }
