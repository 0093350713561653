/* failing_disk: preloaded into the program, it stands between it and the C library's file calls
 * and makes those on one folder fail as a bad disk would: the n-th call, or all from there on,
 * with EIO or ENOSPC, or by writing half of what was asked. It sees the log, RocksDB and DuckDB
 * alike, and needs no code in the program (docs/adr/0008-failing-disk-by-preload.md).
 *
 * FAILING_DISK_FOLDER: the data folder, absolute. FAILING_DISK_CONTROL: a file of struct control,
 * shared with the test, which may change it at any time (tests/faults/disk.py). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN = 1, WRITE = 2, SYNC = 4, ALLOCATE = 8, RENAME = 16, REMOVE = 32, READ = 64 };
enum part { LOG = 1, STATE = 2, LAKE = 4, OTHER = 8 };

/* As tests/faults/disk.py packs it. */
struct control {
  uint64_t calls;      /* counted calls so far */
  uint64_t fail_from;  /* the first that fails, from 1; 0: none */
  uint64_t fail_to;    /* the last that fails */
  uint64_t failed;     /* how many did */
  uint64_t free_bytes; /* what statvfs tells; UINT64_MAX: the truth */
  uint32_t kinds;      /* which calls count */
  uint32_t parts;      /* on which parts of the folder */
  int32_t error;       /* errno of a failure; 0: a short write */
  char last[236];      /* what failed last, for people */
};

#define DESCRIPTORS 65536
static struct control *control;
static char folder[4096];
static size_t folder_length;
static unsigned char parts_of[DESCRIPTORS]; /* of open descriptors; 0: not the folder's */

static void *next(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}

/* The C library's own function, looked up once a place. */
#define REAL(name)                                      \
  ({                                                    \
    static __typeof__(&name) real;                      \
    if (real == NULL) real = (__typeof__(&name))next(#name); \
    real;                                               \
  })

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAILING_DISK_CONTROL");
  const char *on = getenv("FAILING_DISK_FOLDER");
  if (path == NULL || on == NULL || strlen(on) >= sizeof folder) return;
  int fd = REAL(open)(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) abort();
  control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (control == MAP_FAILED) abort();
  REAL(close)(fd);
  strcpy(folder, on);
  folder_length = strlen(folder);
}

/* The part of the folder that a path lies in; 0: elsewhere. */
static unsigned char part_of(const char *path) {
  if (control == NULL || strncmp(path, folder, folder_length) != 0) return 0;
  const char *inside = path + folder_length;
  if (*inside != '/' && *inside != '\0') return 0;
  if (strncmp(inside, "/log", 4) == 0) return LOG;
  if (strncmp(inside, "/state", 6) == 0) return STATE;
  if (strncmp(inside, "/lake", 5) == 0) return LAKE;
  return OTHER;
}

static unsigned char part_of_fd(int fd) {
  return control != NULL && fd >= 0 && fd < DESCRIPTORS ? parts_of[fd] : 0;
}

/* Counts a call; the errno that it must fail with, -1 for a short write, 0 to go on. */
static int verdict(enum kind kind, unsigned char part, const char *what) {
  if (part == 0 || (control->kinds & kind) == 0 || (control->parts & part) == 0) return 0;
  uint64_t number = __atomic_add_fetch(&control->calls, 1, __ATOMIC_SEQ_CST);
  if (control->fail_from == 0 || number < control->fail_from || number > control->fail_to) return 0;
  __atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST);
  snprintf(control->last, sizeof control->last, "%s (part %d)", what, part);
  return control->error == 0 ? -1 : control->error;
}

/* The same for an open file, which is named by its path. */
static int verdict_fd(enum kind kind, int fd, const char *what) {
  unsigned char part = part_of_fd(fd);
  int error = verdict(kind, part, what);
  if (error == 0) return 0;
  char link[64], path[200];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length > 0 ? length : 0] = '\0';
  snprintf(control->last, sizeof control->last, "%s %s (part %d)", what, path, part);
  return error;
}

/* For calls that cannot be cut short. */
static int fails(enum kind kind, unsigned char part, const char *what) {
  int error = verdict(kind, part, what);
  if (error <= 0) return 0;
  errno = error;
  return 1;
}

static int opened(int fd, const char *path) {
  if (fd >= 0 && fd < DESCRIPTORS) parts_of[fd] = part_of(path);
  return fd;
}

#define OPEN_LIKE(name)                                        \
  int name(const char *path, int flags, ...) {                 \
    mode_t mode = 0;                                           \
    if (flags & (O_CREAT | O_TMPFILE)) {                       \
      va_list rest;                                            \
      va_start(rest, flags);                                   \
      mode = va_arg(rest, mode_t);                             \
      va_end(rest);                                            \
    }                                                          \
    if (fails(OPEN, part_of(path), path)) return -1;           \
    return opened(REAL(name)(path, flags, mode), path);        \
  }
OPEN_LIKE(open)
OPEN_LIKE(open64)

int close(int fd) {
  if (fd >= 0 && fd < DESCRIPTORS) parts_of[fd] = 0;
  return REAL(close)(fd);
}

/* Half of the bytes, as a disk that fills up or is interrupted writes. */
static size_t half(size_t bytes) { return bytes > 1 ? bytes / 2 : bytes; }

ssize_t write(int fd, const void *bytes, size_t count) {
  int error = verdict_fd(WRITE, fd, "write");
  if (error > 0) return errno = error, -1;
  return REAL(write)(fd, bytes, error < 0 ? half(count) : count);
}

#define PWRITE_LIKE(name, type)                                        \
  ssize_t name(int fd, const void *bytes, size_t count, type offset) { \
    int error = verdict_fd(WRITE, fd, "pwrite");              \
    if (error > 0) return errno = error, -1;                           \
    return REAL(name)(fd, bytes, error < 0 ? half(count) : count, offset); \
  }
PWRITE_LIKE(pwrite, off_t)
PWRITE_LIKE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *parts, int count) {
  int error = verdict_fd(WRITE, fd, "writev");
  if (error > 0) return errno = error, -1;
  if (error < 0 && count > 0) return REAL(write)(fd, parts[0].iov_base, half(parts[0].iov_len));
  return REAL(writev)(fd, parts, count);
}

#define PWRITEV_LIKE(name, type)                                                  \
  ssize_t name(int fd, const struct iovec *pieces, int count, type offset) {      \
    int error = verdict_fd(WRITE, fd, "pwritev");                        \
    if (error > 0) return errno = error, -1;                                      \
    if (error < 0 && count > 0) {                                                 \
      return REAL(pwrite)(fd, pieces[0].iov_base, half(pieces[0].iov_len), offset); \
    }                                                                             \
    return REAL(name)(fd, pieces, count, offset);                                 \
  }
PWRITEV_LIKE(pwritev, off_t)
PWRITEV_LIKE(pwritev64, off64_t)

ssize_t read(int fd, void *bytes, size_t count) {
  if (fails(READ, part_of_fd(fd), "read")) return -1;
  return REAL(read)(fd, bytes, count);
}

#define PREAD_LIKE(name, type)                                   \
  ssize_t name(int fd, void *bytes, size_t count, type offset) { \
    if (fails(READ, part_of_fd(fd), "pread")) return -1;         \
    return REAL(name)(fd, bytes, count, offset);                 \
  }
PREAD_LIKE(pread, off_t)
PREAD_LIKE(pread64, off64_t)

int fsync(int fd) {
  if (fails(SYNC, part_of_fd(fd), "fsync")) return -1;
  return REAL(fsync)(fd);
}

int fdatasync(int fd) {
  if (fails(SYNC, part_of_fd(fd), "fdatasync")) return -1;
  return REAL(fdatasync)(fd);
}

#define POSIX_FALLOCATE_LIKE(name, type)                            \
  int name(int fd, type offset, type length) {                      \
    int error = verdict_fd(ALLOCATE, fd, "posix_fallocate"); \
    return error > 0 ? error : REAL(name)(fd, offset, length);      \
  }
POSIX_FALLOCATE_LIKE(posix_fallocate, off_t)
POSIX_FALLOCATE_LIKE(posix_fallocate64, off64_t)

#define FALLOCATE_LIKE(name, type)                                  \
  int name(int fd, int mode, type offset, type length) {            \
    if (fails(ALLOCATE, part_of_fd(fd), "fallocate")) return -1;    \
    return REAL(name)(fd, mode, offset, length);                    \
  }
FALLOCATE_LIKE(fallocate, off_t)
FALLOCATE_LIKE(fallocate64, off64_t)

#define TRUNCATE_LIKE(name, type)                                  \
  int name(int fd, type length) {                                  \
    if (fails(ALLOCATE, part_of_fd(fd), "ftruncate")) return -1;   \
    return REAL(name)(fd, length);                                 \
  }
TRUNCATE_LIKE(ftruncate, off_t)
TRUNCATE_LIKE(ftruncate64, off64_t)

int rename(const char *from, const char *to) {
  if (fails(RENAME, part_of(from), from)) return -1;
  return REAL(rename)(from, to);
}

int unlink(const char *path) {
  if (fails(REMOVE, part_of(path), path)) return -1;
  return REAL(unlink)(path);
}

#define STATVFS_LIKE(name, type)                                        \
  int name(const char *path, struct type *status) {                     \
    int result = REAL(name)(path, status);                              \
    if (result == 0 && part_of(path) != 0 && control->free_bytes != UINT64_MAX) { \
      status->f_bfree = status->f_bavail = control->free_bytes / status->f_frsize; \
    }                                                                   \
    return result;                                                      \
  }
STATVFS_LIKE(statvfs, statvfs)
STATVFS_LIKE(statvfs64, statvfs64)
