// A library for LD_PRELOAD: one call of a system function fails, or does half of what it was asked, or all of them do.
//
//   XMR_FAULT="CALL N HOW"   CALL as in the list below; the N-th call counted from the start of main(), 0: none;
//                            HOW: the number of an errno, or "half"; N "all": every call that can be half
//   XMR_FAULT_REPORT=FD      at the end of the program a line "CALL COUNT" for each function
//
// Calls that the C library makes itself (stdio) do not pass here. The start of main() is a program's first sigaction().
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum Call { kRead, kPread, kWrite, kPwrite, kSync, kRename, kOpen, kTemporary, kMap, kClose, kThread, kMemory, kCalls };
static const char* const kNames[kCalls] = {"read", "pread",     "write", "pwrite", "fsync",  "rename",
                                           "open", "mkostemps", "mmap",  "close",  "thread", "malloc"};

// Smaller ones do not count: nlohmann-json 3.11 does not survive a failure in its constructors and destructors.
static const size_t kLeastMemory = 256;

static atomic_long counts[kCalls];
static atomic_int started;
static int fault_call = -1, fault_error, report = -1;
static long fault_at;  // -1: all

__attribute__((constructor)) static void read_environment(void) {
  const char* fault = getenv("XMR_FAULT");
  const char* to = getenv("XMR_FAULT_REPORT");
  char name[16], at[16], how[16];
  if (to != NULL) report = atoi(to);
  if (fault == NULL || sscanf(fault, "%15s %15s %15s", name, at, how) != 3) return;
  for (int call = 0; call < kCalls; ++call)
    if (strcmp(name, kNames[call]) == 0) fault_call = call;
  fault_at = strcmp(at, "all") == 0 ? -1 : atol(at);
  fault_error = strcmp(how, "half") == 0 ? 0 : atoi(how);
}

// Returns 1 if this call must fail, and sets errno if there is an error to give.
static int strikes(int call) {
  if (!started) return 0;
  const long n = ++counts[call];
  if (call != fault_call || (fault_at != -1 && n != fault_at)) return 0;
  errno = fault_error;
  return 1;
}

#define REAL(result, name, ...)       \
  static result (*real)(__VA_ARGS__); \
  if (real == NULL) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static ssize_t real_write(int fd, const void* bytes, size_t size) {
  REAL(ssize_t, "write", int, const void*, size_t);
  return real(fd, bytes, size);
}

__attribute__((destructor)) static void tell(void) {
  char line[64];
  for (int call = 0; report >= 0 && call < kCalls; ++call) {
    const int size = snprintf(line, sizeof line, "%s %ld\n", kNames[call], (long)counts[call]);
    real_write(report, line, (size_t)size);
  }
}

// Half of the bytes, one at least.
static size_t cut(size_t size) {
  return size > 1 ? size / 2 : size;
}

ssize_t read(int fd, void* bytes, size_t size) {
  REAL(ssize_t, "read", int, void*, size_t);
  if (strikes(kRead)) {
    if (fault_error != 0) return -1;
    size = cut(size);
  }
  return real(fd, bytes, size);
}
ssize_t __read_chk(int fd, void* bytes, size_t size, size_t room) {
  if (size > room) abort();
  return read(fd, bytes, size);
}
ssize_t pread(int fd, void* bytes, size_t size, off_t at) {
  REAL(ssize_t, "pread", int, void*, size_t, off_t);
  if (strikes(kPread)) {
    if (fault_error != 0) return -1;
    size = cut(size);
  }
  return real(fd, bytes, size, at);
}
ssize_t pread64(int fd, void* bytes, size_t size, off_t at) {
  return pread(fd, bytes, size, at);
}
ssize_t __pread_chk(int fd, void* bytes, size_t size, off_t at, size_t room) {
  if (size > room) abort();
  return pread(fd, bytes, size, at);
}
ssize_t __pread64_chk(int fd, void* bytes, size_t size, off_t at, size_t room) {
  return __pread_chk(fd, bytes, size, at, room);
}
ssize_t write(int fd, const void* bytes, size_t size) {
  if (strikes(kWrite)) {
    if (fault_error != 0) return -1;
    size = cut(size);
  }
  return real_write(fd, bytes, size);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  REAL(ssize_t, "pwrite", int, const void*, size_t, off_t);
  if (strikes(kPwrite)) {
    if (fault_error != 0) return -1;
    size = cut(size);
  }
  return real(fd, bytes, size, at);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off_t at) {
  return pwrite(fd, bytes, size, at);
}
int fsync(int fd) {
  REAL(int, "fsync", int);
  return strikes(kSync) ? -1 : real(fd);
}
int rename(const char* from, const char* to) {
  REAL(int, "rename", const char*, const char*);
  return strikes(kRename) ? -1 : real(from, to);
}
int open(const char* path, int flags, ...) {
  REAL(int, "open", const char*, int, ...);
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  return strikes(kOpen) ? -1 : real(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  return open(path, flags, mode);
}
int __open_2(const char* path, int flags) {
  return open(path, flags);
}
int mkostemps(char* name, int suffix, int flags) {
  REAL(int, "mkostemps", char*, int, int);
  return strikes(kTemporary) ? -1 : real(name, suffix, flags);
}
int mkostemps64(char* name, int suffix, int flags) {
  return mkostemps(name, suffix, flags);
}
void* mmap(void* address, size_t size, int protection, int flags, int fd, off_t at) {
  REAL(void*, "mmap", void*, size_t, int, int, int, off_t);
  return fd >= 0 && strikes(kMap) ? MAP_FAILED : real(address, size, protection, flags, fd, at);
}
void* mmap64(void* address, size_t size, int protection, int flags, int fd, off_t at) {
  return mmap(address, size, protection, flags, fd, at);
}
// The descriptor is closed either way, as on Linux.
int close(int fd) {
  REAL(int, "close", int);
  const int failed = strikes(kClose), error = errno;
  const int result = real(fd);
  if (failed) errno = error;
  return failed ? -1 : result;
}
int pthread_create(pthread_t* thread, const pthread_attr_t* how, void* (*run)(void*), void* with) {
  REAL(int, "pthread_create", pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  return strikes(kThread) ? fault_error : real(thread, how, run, with);
}
extern void* __libc_malloc(size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);
void* malloc(size_t size) {
  return size >= kLeastMemory && strikes(kMemory) ? NULL : __libc_malloc(size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  return size >= kLeastMemory && strikes(kMemory) ? NULL : __libc_memalign(alignment, size);
}
int sigaction(int number, const struct sigaction* action, struct sigaction* old) {
  REAL(int, "sigaction", int, const struct sigaction*, struct sigaction*);
  started = 1;
  return real(number, action, old);
}
