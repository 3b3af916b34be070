#include <archive.h>
#include <archive_entry.h>

/// Flushes the file system that holds an open descriptor. glibc declares it for _GNU_SOURCE only,
/// which Swift's own module of the C library isn't built with.
int syncfs(int descriptor);
