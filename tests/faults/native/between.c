/* Stands between a program and its machine, by LD_PRELOAD: the program knows nothing of it.
 *
 * It counts what the program asks of disk and network and ends it at one call (before it, after it, or in its middle);
 * it lets writes and syncs fail; it writes down which writes of SQLite's files were followed by a sync, so that a power
 * cut can take the others back; and it shifts the wall clock. What it is to do stands in a file that is mapped by the
 * test as well (machine.py), so that it can be changed while the program runs.
 *
 * FAULTS_CONTROL: that file. FAULTS_UNDER: only files under this folder are meant. FAULTS_RECORD: folder of the record.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Eight bytes each, in the order of machine.py. */
struct control {
    uint64_t counting, count, end_at, end_how, fail_write, fail_sync, recording, stamp;
    int64_t shift_ns;
};
enum { BEFORE, AFTER, MIDDLE };
enum { WRITE = 1, TRUNCATE = 2, SYNC = 3 };

struct record {
    uint64_t stamp, op, device, inode, offset, size_before, old_length, new_length, path_length;
};

static volatile struct control *control;
static const char *under;
static size_t under_length;
static int record_file = -1;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULTS_CONTROL"), *folder = getenv("FAULTS_RECORD");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped == MAP_FAILED)
        return;
    control = mapped;
    under = getenv("FAULTS_UNDER");
    under_length = under ? strlen(under) : 0;
    if (folder) {
        int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        record_file = openat(at, "record", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        close(at);
    }
}

/* The path of a regular file of ours into `path`; 0 when it is none. */
static size_t our_file(int fd, char path[4096]) {
    char link[64];
    struct stat about;
    if (!under || fd <= 2 || fstat(fd, &about) || !S_ISREG(about.st_mode))
        return 0;
    int n = 0;
    for (char *c = "/proc/self/fd/"; *c; c++)
        link[n++] = *c;
    char digits[16];
    int d = 0;
    for (unsigned v = (unsigned)fd; v || !d; v /= 10)
        digits[d++] = (char)('0' + v % 10);
    while (d)
        link[n++] = digits[--d];
    link[n] = 0;
    ssize_t length = readlink(link, path, 4095);
    if (length < (ssize_t)under_length || memcmp(path, under, under_length))
        return 0;
    path[length] = 0;
    return (size_t)length;
}

static int a_socket(int fd) {
    int family;
    socklen_t size = sizeof family;
    return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
}

static void end_now(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;)
        pause();
}

/* Whether the program is to end at this call. */
static int is_last(int meant) {
    if (!control || !control->counting || !meant)
        return 0;
    uint64_t number = __sync_add_and_fetch((uint64_t *)&control->count, 1);
    return control->end_at && number == control->end_at;
}

static uint64_t stamp(void) { return __sync_add_and_fetch((uint64_t *)&control->stamp, 1); }

static void append(uint64_t at, uint64_t op, int fd, const char *path, uint64_t offset, uint64_t size, const void *old,
                   uint64_t old_length, const void *fresh, uint64_t fresh_length) {
    struct stat about;
    fstat(fd, &about);
    struct record head = {at, op, about.st_dev, about.st_ino, offset, size, old_length, fresh_length, strlen(path)};
    struct iovec parts[] = {{&head, sizeof head},
                            {(void *)path, head.path_length},
                            {(void *)old, old_length},
                            {(void *)fresh, fresh_length}};
    syscall(SYS_writev, record_file, parts, 4);
}

static int recorded(const char *path) {
    return control && control->recording && record_file >= 0 && strstr(path, ".db") && !strstr(path, "-shm");
}

/* What a change of [offset, offset + changed) would destroy. */
static void note_change(int fd, const char *path, uint64_t op, off_t offset, size_t changed, const void *fresh) {
    struct stat about;
    if (!recorded(path) || fstat(fd, &about))
        return;
    off_t end = op == TRUNCATE ? about.st_size : offset + (off_t)changed;
    off_t known = end < about.st_size ? end : about.st_size;
    size_t size = known > offset ? (size_t)(known - offset) : 0;
    char *old = malloc(size + 1);
    size = size ? (size_t)syscall(SYS_pread64, fd, old, size, offset) : 0;
    append(stamp(), op, fd, path, (uint64_t)offset, (uint64_t)about.st_size, old, size, fresh, fresh ? changed : 0);
    free(old);
}

static ssize_t do_write(int fd, const void *bytes, size_t size, off_t offset) {
    return offset < 0 ? syscall(SYS_write, fd, bytes, size) : syscall(SYS_pwrite64, fd, bytes, size, offset);
}

static ssize_t written(int fd, const void *bytes, size_t size, off_t offset) {
    char path[4096];
    size_t file = control ? our_file(fd, path) : 0;
    int last = is_last(file || (control && fd > 2 && a_socket(fd)));
    if (last && control->end_how == BEFORE)
        end_now();
    if (file && control->fail_write) {
        errno = (int)control->fail_write;
        return -1;
    }
    if (file && offset >= 0)
        note_change(fd, path, WRITE, offset, size, bytes);
    ssize_t done = do_write(fd, bytes, last && control->end_how == MIDDLE ? size / 2 : size, offset);
    if (last)
        end_now();
    return done;
}

ssize_t write(int fd, const void *bytes, size_t size) { return written(fd, bytes, size, -1); }
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) { return written(fd, bytes, size, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) { return written(fd, bytes, size, offset); }

static int synced(int fd, long call) {
    char path[4096];
    size_t file = control ? our_file(fd, path) : 0;
    int last = is_last(file != 0);
    if (last && control->end_how != AFTER)
        end_now();
    if (file && control->fail_sync) {
        errno = (int)control->fail_sync;
        return -1;
    }
    /* What is written while it runs is not promised, so the stamp is of its beginning. */
    uint64_t at = file && recorded(path) ? stamp() : 0;
    int done = (int)syscall(call, fd);
    if (at && !done)
        append(at, SYNC, fd, path, 0, 0, NULL, 0, NULL, 0);
    if (last)
        end_now();
    return done;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

static int truncated(int fd, off_t size) {
    char path[4096];
    size_t file = control ? our_file(fd, path) : 0;
    int last = is_last(file != 0);
    if (last && control->end_how != AFTER)
        end_now();
    if (file && control->fail_write) {
        errno = (int)control->fail_write;
        return -1;
    }
    if (file)
        note_change(fd, path, TRUNCATE, size, 0, NULL);
    int done = (int)syscall(SYS_ftruncate, fd, size);
    if (last)
        end_now();
    return done;
}

int ftruncate(int fd, off_t size) { return truncated(fd, size); }
int ftruncate64(int fd, off64_t size) { return truncated(fd, size); }

ssize_t sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t to_size) {
    int last = is_last(control && a_socket(fd));
    if (last && control->end_how == BEFORE)
        end_now();
    size_t part = last && control->end_how == MIDDLE ? size / 2 : size;
    ssize_t done = syscall(SYS_sendto, fd, bytes, part, flags, to, to_size);
    if (last)
        end_now();
    return done;
}

ssize_t send(int fd, const void *bytes, size_t size, int flags) { return sendto(fd, bytes, size, flags, NULL, 0); }

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    int last = is_last(control && a_socket(fd));
    if (last && control->end_how != AFTER)
        end_now();
    ssize_t done = syscall(SYS_sendmsg, fd, message, flags);
    if (last)
        end_now();
    return done;
}

static void shift(struct timespec *now) {
    int64_t ns = (int64_t)now->tv_sec * 1000000000 + now->tv_nsec + control->shift_ns;
    now->tv_sec = (time_t)(ns / 1000000000);
    now->tv_nsec = (long)(ns % 1000000000);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int done = (int)syscall(SYS_clock_gettime, clock, now);
    if (!done && control && control->shift_ns && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        shift(now);
    return done;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *into) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into)
        *into = now.tv_sec;
    return now.tv_sec;
}
