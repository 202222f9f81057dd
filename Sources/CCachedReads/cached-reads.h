// preadv2(2) and fstatfs(2), which Swift's Glibc module leaves out: reading what is in memory without waiting for a disk.
#ifdef __linux__
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/vfs.h>

// As in bits/uio-ext.h, which is hidden from those that do not define _GNU_SOURCE before everything else.
ssize_t preadv2(int descriptor, const struct iovec *vectors, int count, off_t offset, int flags);
enum { cached_reads_nowait = 0x8 };             // RWF_NOWAIT, linux/fs.h
enum { cached_reads_tmpfs = 0x01021994 };       // TMPFS_MAGIC, linux/magic.h
#endif
