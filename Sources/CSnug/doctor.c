#define _GNU_SOURCE
#include "csnug.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

long csnug_loopback_echo(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  struct timeval patience = {.tv_sec = 1};
  char byte = 1;
  long result = 0;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
      bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
      getsockname(fd, (struct sockaddr *)&address, &length) < 0 ||
      sendto(fd, &byte, 1, MSG_NOSIGNAL, (struct sockaddr *)&address, length) != 1 || recv(fd, &byte, 1, 0) != 1)
    result = -errno;
  close(fd);
  return result;
}

long csnug_clone3_invalid(void) {
  long result = syscall(SYS_clone3, NULL, 0);
  return result < 0 ? -errno : result;
}
