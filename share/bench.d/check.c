/* What a sandbox is, seen from inside: the harness compares these lines before it measures anything. */
#define _GNU_SOURCE
#include "check.h"

#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static int namespaces(void) {
  static const char *const names[] = {"user", "mnt", "pid", "ipc", "uts", "cgroup", "net"};
  for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", names[index]);
    ssize_t length = readlink(path, text, sizeof text - 1);
    if (length < 0) return 1;
    text[length] = 0;
    printf("namespace %s %s\n", names[index], text);
  }
  return 0;
}

static int mounts(void) {
  FILE *table = fopen("/proc/self/mountinfo", "re");
  char line[8192];
  if (!table) return 1;
  while (fgets(line, sizeof line, table)) {
    char point[4096], flags[512], type[64];
    char *rest = strstr(line, " - ");
    if (!rest || sscanf(line, "%*d %*d %*s %*s %4095s %511s", point, flags) != 2) return 1;
    if (sscanf(rest, " - %63s", type) != 1) return 1;
    printf("mount %s %s %s\n", point, type, flags);
  }
  fclose(table);
  return 0;
}

static int status(void) {
  static const char *const keys[] = {"CapInh:", "CapPrm:", "CapEff:",     "CapBnd:",  "CapAmb:",
                                     "Uid:",    "Gid:",    "NoNewPrivs:", "Seccomp:", "NSpid:"};
  FILE *file = fopen("/proc/self/status", "re");
  char line[4096];
  if (!file) return 1;
  while (fgets(line, sizeof line, file))
    for (size_t index = 0; index < sizeof keys / sizeof *keys; index++)
      if (!strncmp(line, keys[index], strlen(keys[index]))) {
        for (char *letter = line; *letter; letter++)
          if (*letter == '\t') *letter = ' ';
        printf("status %s", line);
      }
  fclose(file);
  return 0;
}

/* The names in a directory, with what links say. */
static int names(const char *path) {
  DIR *folder = opendir(path);
  struct dirent *entry;
  if (!folder) return 1;
  while ((entry = readdir(folder))) {
    char text[4096] = "";
    if (entry->d_name[0] == '.') continue;
    ssize_t length = readlinkat(dirfd(folder), entry->d_name, text, sizeof text - 1);
    printf("name %s%s%s%s%s\n", path, strcmp(path, "/") ? "/" : "", entry->d_name, length > 0 ? " -> " : "", text);
  }
  closedir(folder);
  return 0;
}

/* That the host's processes are out of sight shows in how many there are. */
static int processes(void) {
  DIR *folder = opendir("/proc");
  struct dirent *entry;
  int count = 0;
  if (!folder) return 1;
  while ((entry = readdir(folder))) count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
  closedir(folder);
  printf("processes %d\n", count);
  return 0;
}

/* Whether the loopback of this network namespace is up. */
static int loopback(void) {
  struct ifreq request = {.ifr_name = "lo"};
  int channel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (channel < 0 || ioctl(channel, SIOCGIFFLAGS, &request) != 0) return 1;
  close(channel);
  printf("loopback %s\n", request.ifr_flags & IFF_UP ? "up" : "down");
  return 0;
}

int check(void) {
  if (namespaces() || mounts() || status() || names("/") || names("/dev") || processes() || loopback()) return 1;
  return fflush(stdout) != 0;
}
