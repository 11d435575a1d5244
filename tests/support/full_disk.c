// A disk that is full while a file exists: preloaded into a program under test (LD_PRELOAD), it lets what the program
// writes below a directory fail as a full file system does. No right of the administrator is needed.
//
//   FULL_DISK_BELOW  the directory
//   FULL_DISK_FLAG   the file: while it is there, nothing below the directory can grow
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int Full(int fd) {
  const char* flag = getenv("FULL_DISK_FLAG");
  const char* below = getenv("FULL_DISK_BELOW");
  if (flag == NULL || below == NULL) return 0;
  const int before = errno;
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  int full = access(flag, F_OK) == 0;
  if (full) {
    const ssize_t length = readlink(link, path, sizeof path - 1);
    full = length > 0 && strncmp(path, below, strlen(below)) == 0;
  }
  errno = before;
  return full;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// The last block still takes the first half: a write is cut short before one fails.
static ssize_t Refuse(size_t size, size_t* half) {
  static _Thread_local unsigned calls;
  *half = ++calls % 3 == 1 && size > 1 ? size / 2 : 0;
  if (*half == 0) errno = ENOSPC;
  return -1;
}

ssize_t write(int fd, const void* data, size_t size) {
  size_t half = size;
  if (Full(fd) && Refuse(size, &half) < 0 && half == 0) return -1;
  return REAL(write)(fd, data, half);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  size_t half = size;
  if (Full(fd) && Refuse(size, &half) < 0 && half == 0) return -1;
  return REAL(pwrite)(fd, data, half, at);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  size_t half = size;
  if (Full(fd) && Refuse(size, &half) < 0 && half == 0) return -1;
  return REAL(pwrite64)(fd, data, half, at);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  if (!Full(fd)) return REAL(writev)(fd, parts, count);
  errno = ENOSPC;
  return -1;
}

int fallocate(int fd, int mode, off_t at, off_t size) {
  if (!Full(fd)) return REAL(fallocate)(fd, mode, at, size);
  errno = ENOSPC;
  return -1;
}

int fallocate64(int fd, int mode, off64_t at, off64_t size) {
  if (!Full(fd)) return REAL(fallocate64)(fd, mode, at, size);
  errno = ENOSPC;
  return -1;
}
