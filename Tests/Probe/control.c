// Clients of an instance's control socket that do not behave, instances that are none, what a command may try against the
// process that leads it, and commands that never have enough.
#define _GNU_SOURCE
#include "control.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char ping[] = "{\"version\":1,\"do\":\"ping\"}";

static int connected(int fd, const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  return connect(fd, (void *)&address, sizeof address);
}

static int open_client(const char *path) {
  int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  if (fd >= 0 && connected(fd, path) == 0) return fd;
  int code = errno;
  if (fd >= 0) close(fd);
  errno = code;
  return -1;
}

// Prints the answer of at most ten seconds, or what came in place of one.
static void tell_answer(int fd) {
  char text[4096];
  struct pollfd one = {.fd = fd, .events = POLLIN};
  if (poll(&one, 1, 10000) <= 0) { puts("silence"); return; }
  ssize_t count = recv(fd, text, sizeof text, 0);
  if (count < 0) printf("%s\n", strerrorname_np(errno));
  else if (count == 0) puts("end");
  else printf("%.*s\n", (int)count, text);
  fflush(stdout);
}

// Sends a packet and prints the answer.
static int say(const char *path, const char *text) {
  int fd = open_client(path);
  if (fd < 0) { printf("connect: %s\n", strerrorname_np(errno)); return 0; }
  if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0) printf("send: %s\n", strerrorname_np(errno));
  tell_answer(fd);
  return 0;
}

// The one who has connected is gone when the launcher asks who that was: another one has the socket.
static int say_for_the_dead(const char *path) {
  int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  int status = 0;
  if (fork() == 0) _exit(connected(fd, path) ? errno : 0);
  wait(&status);
  if (WEXITSTATUS(status)) { printf("connect: %s\n", strerrorname_np(WEXITSTATUS(status))); return 0; }
  if (send(fd, ping, sizeof ping - 1, MSG_NOSIGNAL) < 0) printf("send: %s\n", strerrorname_np(errno));
  tell_answer(fd);
  return 0;
}

// COUNT packets of random bytes, some of which are JSON up to a place; one connection for every eight.
static int noise(const char *path, int count, unsigned seed) {
  srand(seed);
  int fd = -1, answers = 0;
  for (int i = 0; i < count; i++) {
    if (i % 8 == 0) {
      if (fd >= 0) close(fd);
      if ((fd = open_client(path)) < 0) { perror("probe: connect"); return 1; }
    }
    char text[2048];
    size_t length = 1 + rand() % (sizeof text - 1);
    if (rand() % 2) for (size_t j = 0; j < length; j++) text[j] = rand();
    else {
      length = snprintf(text, sizeof text, "{\"version\":1,\"do\":\"%s\",\"words\":[\"true\"],\"number\":9}",
                        (const char *[]){"exec", "signal", "end", "continue", "cancel", "open"}[rand() % 6]);
      text[rand() % length] = rand();
      if (rand() % 2) length = rand() % length;
    }
    if (send(fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
      close(fd);
      if ((fd = open_client(path)) < 0) { perror("probe: connect"); return 1; }
    }
    answers += recv(fd, text, sizeof text, MSG_DONTWAIT) > 0;
  }
  printf("sent %d\n", count);
  return answers < 0;
}

// One packet of SIZE bytes with NUMBER descriptors.
static int packet(const char *path, size_t size, int number) {
  int fd = open_client(path);
  if (fd < 0) { printf("connect: %s\n", strerrorname_np(errno)); return 0; }
  int room = 4 << 20;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  char *bytes = malloc(size + sizeof ping);
  memset(bytes, ' ', size + sizeof ping);
  memcpy(bytes, ping, sizeof ping - 1);
  int descriptors[253];
  for (int i = 0; i < number; i++) descriptors[i] = 0;
  char space[CMSG_SPACE(sizeof descriptors)] = {0};
  struct iovec part = {.iov_base = bytes, .iov_len = size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (number) {
    message.msg_control = space;
    message.msg_controllen = CMSG_SPACE(number * sizeof(int));
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(number * sizeof(int));
    memcpy(CMSG_DATA(head), descriptors, number * sizeof(int));
  }
  if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0) printf("send: %s\n", strerrorname_np(errno));
  tell_answer(fd);
  return 0;
}

// COUNT connections at once until standard input ends. Each sends EACH pings and reads no answer.
static int hold(const char *path, int count, int each) {
  int made = 0;
  for (int i = 0; i < count; i++) {
    int fd = open_client(path);
    if (fd < 0) break;
    made++;
    for (int j = 0; j < each; j++) send(fd, ping, sizeof ping - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  printf("holding %d\n", made);
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {}
  return 0;
}

// COUNT connections that all send a ping; then, told by a byte of standard input, reads the answers and counts the good ones.
static int pings(const char *path, int count) {
  int *fds = calloc(count, sizeof *fds), good = 0;
  for (int i = 0; i < count; i++) {
    if ((fds[i] = open_client(path)) < 0) { perror("probe: connect"); return 1; }
    send(fds[i], ping, sizeof ping - 1, MSG_NOSIGNAL);
  }
  puts("asked");
  fflush(stdout);
  char byte;
  if (read(0, &byte, 1) < 0) return 1;
  for (int i = 0; i < count; i++) {
    char text[512] = "";
    struct pollfd one = {.fd = fds[i], .events = POLLIN};
    if (poll(&one, 1, 10000) > 0 && recv(fds[i], text, sizeof text - 1, 0) > 0 && strstr(text, "done")) good++;
    else break;
  }
  printf("answered %d\n", good);
  return 0;
}

// forge FOLDER PID: what looks like an instance, in a directory that is there: lock, socket and entry of FOLDER's name.
static int forge(const char *folder, const char *pid) {
  const char *name = strrchr(folder, '/') + 1;
  char text[2048];
  if (chdir(folder)) { perror(folder); return 1; }
  int lock = open("lock", O_RDWR | O_CREAT, 0600);
  struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
  int server = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "control"};
  if (fcntl(lock, F_OFD_SETLK, &range) || bind(server, (void *)&address, sizeof address) || listen(server, 5)) {
    perror("probe: forge");
    return 1;
  }
  int entry = open("entry.json", O_WRONLY | O_CREAT, 0600);
  snprintf(text, sizeof text,
           "{\"version\":1,\"instance\":\"%s\",\"profile\":\"default\",\"app-id\":\"x\",\"pid\":%s,\"pid-start\":0,"
           "\"launcher\":%s,\"launcher-start\":0,\"started\":\"2026-01-01T00:00:00Z\"}\n",
           name, pid, pid);
  if (write(entry, text, strlen(text)) < 0) return 1;
  puts("ready");
  fflush(stdout);
  struct pollfd both[] = {{.fd = 0, .events = POLLIN}, {.fd = server, .events = POLLIN}};
  while (poll(both, 2, -1) > 0 && !both[0].revents) {
    int client = accept(server, NULL, NULL);
    struct iovec part = {.iov_base = text, .iov_len = sizeof text};
    char space[512];
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
    ssize_t count = recvmsg(client, &message, 0);
    printf("got %zd %d\n", count, message.msg_controllen > 0);
    fflush(stdout);
    close(client);
  }
  return 0;
}

static void tell(const char *what, long value) {
  printf("%s: %s\n", what, value < 0 ? strerrorname_np(errno) : "ok");
  fflush(stdout);
}

// Every way into another process that there is, each in a line. PID `parent`: who started us.
static int reach(const char *word) {
  int pid = strcmp(word, "parent") ? atoi(word) : getppid();
  char path[64], bytes[16];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  tell("mem", open(path, O_RDWR));
  snprintf(path, sizeof path, "/proc/%d/environ", pid);
  int fd = open(path, O_RDONLY);
  tell("environ", fd < 0 ? -1 : read(fd, bytes, 1));
  snprintf(path, sizeof path, "/proc/%d/fd", pid);
  tell("fd", opendir(path) ? 0 : -1);
  for (int i = 0; i < 16; i++) {
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, i);
    if (open(path, O_RDWR) >= 0) printf("fd %d: ok\n", i);
  }
  snprintf(path, sizeof path, "/proc/%d/cwd", pid);
  tell("cwd", readlink(path, bytes, sizeof bytes));
  snprintf(path, sizeof path, "/proc/%d/root", pid);
  tell("root", open(path, O_PATH));
  int pidfd = syscall(SYS_pidfd_open, pid, 0), taken = 0;
  for (int i = 0; i < 64 && pidfd >= 0; i++) taken += syscall(438 /* pidfd_getfd */, pidfd, i, 0) >= 0;
  errno = EPERM;
  tell("pidfd_getfd", taken > 0 ? 0 : -1);
  struct iovec here = {bytes, 8}, there = {(void *)&ping, 8};
  tell("process_vm_readv", process_vm_readv(pid, &here, 1, &there, 1, 0));
  long traced = ptrace(PTRACE_SEIZE, pid, 0, 0);
  tell("ptrace", traced);
  if (traced == 0) ptrace(PTRACE_DETACH, pid, 0, 0);
  return 0;
}

// A process for `reach` to succeed with: says its pid and waits.
static int target(void) {
  printf("%d\n", getpid());
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {}
  return 0;
}

// What never has enough: `forks`, `memory`, `output`, `time`.
static int greed(const char *what) {
  if (!strcmp(what, "forks")) {
    while (1) if (fork() < 0) usleep(1000);
  }
  if (!strcmp(what, "memory")) {
    for (size_t got = 0;; got += 1 << 20) {
      char *more = malloc(1 << 20);
      if (!more) { printf("refused after %zu MiB\n", got >> 20); return 7; }
      memset(more, 1, 1 << 20);
    }
  }
  static char block[1 << 16];
  memset(block, 'x', sizeof block);
  if (!strcmp(what, "output")) while (write(1, block, sizeof block) > 0) {}
  while (!strcmp(what, "time")) pause();
  return 8;
}

// Leaves a session, ends who leads it, and goes on: `away` leaves the session first.
static void ditch(int away) {
  pid_t leader = getppid();
  if (fork() == 0) {
    if (away) setsid();
    kill(leader, SIGKILL);
    while (1) pause();
  }
  while (1) pause();
}

int control(int argc, char **argv) {
  const char *command = argv[1];
  char **words = argv + 2;
  int count = argc - 2;
  if (!strcmp(command, "say") && count == 2) return say(words[0], words[1]);
  if (!strcmp(command, "ping") && count == 1) return say(words[0], ping);
  if (!strcmp(command, "ping-for-the-dead") && count == 1) return say_for_the_dead(words[0]);
  if (!strcmp(command, "noise") && count == 3) return noise(words[0], atoi(words[1]), atoi(words[2]));
  if (!strcmp(command, "packet") && count == 3) return packet(words[0], atol(words[1]), atoi(words[2]));
  if (!strcmp(command, "hold") && count == 3) return hold(words[0], atoi(words[1]), atoi(words[2]));
  if (!strcmp(command, "pings") && count == 2) return pings(words[0], atoi(words[1]));
  if (!strcmp(command, "forge") && count == 2) return forge(words[0], words[1]);
  if (!strcmp(command, "reach") && count == 1) return reach(words[0]);
  if (!strcmp(command, "target")) return target();
  if (!strcmp(command, "greed") && count == 1) return greed(words[0]);
  if (!strcmp(command, "ditch") && count == 1) ditch(atoi(words[0]));
  return -1;
}
