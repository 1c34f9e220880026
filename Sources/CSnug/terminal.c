#define _GNU_SOURCE
#include "csnug.h"
#include "checked.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

// Terminals, ioctl_tty(2).

_Static_assert(sizeof(struct termios2) <= csnug_terminal_modes_size, "room for the modes");

long csnug_open_terminal(const char *path) {
  return checked(open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
}

long csnug_terminal_peer(int master) {
  int locked = 0;
  long result = checked(ioctl(master, TIOCSPTLCK, &locked));
  return result < 0 ? result : checked(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
}

// TCSETS2 and not the ones that wait for the output to be read: a terminal can be stopped for good.
long csnug_terminal_modes(int fd, void *modes) { return checked(ioctl(fd, TCGETS2, modes)); }
long csnug_set_terminal_modes(int fd, const void *modes) { return checked(ioctl(fd, TCSETS2, modes)); }

void csnug_usual_modes(void *modes) {
  // As tty_std_termios of the kernel's drivers/tty/tty_io.c.
  const struct termios2 usual = {
      .c_iflag = ICRNL | IXON,
      .c_oflag = OPOST | ONLCR,
      .c_cflag = B38400 | CS8 | CREAD | HUPCL,
      .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
      .c_cc = {[VINTR] = 003, [VQUIT] = 034, [VERASE] = 0177, [VKILL] = 025, [VEOF] = 004, [VMIN] = 1,
               [VSTART] = 021, [VSTOP] = 023, [VSUSP] = 032, [VREPRINT] = 022, [VDISCARD] = 017, [VWERASE] = 027,
               [VLNEXT] = 026},
      .c_ispeed = 38400,
      .c_ospeed = 38400,
  };
  memcpy(modes, &usual, sizeof usual);
}

void csnug_raw_modes(void *modes, bool keeps_output) {
  struct termios2 *m = modes;
  m->c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  m->c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  m->c_cflag = (m->c_cflag & ~(CSIZE | PARENB)) | CS8;
  m->c_cc[VMIN] = 1;
  m->c_cc[VTIME] = 0;
  if (!keeps_output) m->c_oflag &= ~OPOST;
}

void csnug_unprocessed_output(void *modes) { ((struct termios2 *)modes)->c_oflag &= ~OPOST; }

void csnug_copy_output_modes(void *to, const void *from) {
  ((struct termios2 *)to)->c_oflag = ((const struct termios2 *)from)->c_oflag;
}

void csnug_copy_input_encoding(void *to, const void *from) {
  struct termios2 *t = to;
  t->c_iflag = (t->c_iflag & ~IUTF8) | (((const struct termios2 *)from)->c_iflag & IUTF8);
}

bool csnug_adds_returns(const void *modes) {
  const unsigned both = OPOST | ONLCR;
  return (((const struct termios2 *)modes)->c_oflag & both) == both;
}

bool csnug_same_input_modes(const void *one, const void *other) {
  const struct termios2 *a = one, *b = other;
  return a->c_iflag == b->c_iflag && a->c_lflag == b->c_lflag && a->c_cc[VMIN] == b->c_cc[VMIN] &&
         a->c_cc[VTIME] == b->c_cc[VTIME];
}

long csnug_terminal_size(int fd, uint16_t *size) { return checked(ioctl(fd, TIOCGWINSZ, size)); }
long csnug_set_terminal_size(int fd, const uint16_t *size) { return checked(ioctl(fd, TIOCSWINSZ, size)); }
long csnug_terminal_device(int fd, uint32_t *device) { return checked(ioctl(fd, TIOCGDEV, device)); }

long csnug_adopt_terminal(int fd) { return checked(ioctl(fd, TIOCSCTTY, 0)); }
long csnug_leave_terminal(int fd) { return checked(ioctl(fd, TIOCNOTTY)); }

long csnug_foreground_group(int fd) {
  int group;
  long result = checked(ioctl(fd, TIOCGPGRP, &group));
  return result < 0 ? result : group;
}
long csnug_set_foreground_group(int fd, int group) { return checked(ioctl(fd, TIOCSPGRP, &group)); }

long csnug_terminal_session(int fd) {
  int session;
  long result = checked(ioctl(fd, TIOCGSID, &session));
  return result < 0 ? result : session;
}
long csnug_getsid(void) { return checked(getsid(0)); }

bool csnug_stop_until_continued(int number) {
  sigset_t one, pending;
  sigemptyset(&one);
  sigaddset(&one, number);
  sigprocmask(SIG_UNBLOCK, &one, NULL);
  sigprocmask(SIG_BLOCK, &one, NULL);
  sigpending(&pending);
  return sigismember(&pending, SIGCONT) == 1;
}

long csnug_poll_for(const int *fds, const int *wanted, int *events, size_t count, int timeout_ms) {
  struct pollfd few[8];
  struct pollfd *list = count > 8 ? calloc(count, sizeof *list) : few;
  if (!list) return -ENOMEM;
  for (size_t i = 0; i < count; i++)
    list[i] = (struct pollfd){
        .fd = fds[i], .events = (short)((wanted[i] & 1 ? POLLIN : 0) | (wanted[i] & 4 ? POLLOUT : 0))};
  long result = checked(poll(list, count, timeout_ms));
  for (size_t i = 0; i < count; i++)
    events[i] = result < 0 ? 0
                           : (list[i].revents & POLLIN ? 1 : 0) |
                                 (list[i].revents & (POLLHUP | POLLERR | POLLNVAL) ? 2 : 0) |
                                 (list[i].revents & POLLOUT ? 4 : 0);
  if (list != few) free(list);
  return result;
}
