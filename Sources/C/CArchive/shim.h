#include <archive.h>
#include <archive_entry.h>

/// Flushes the file system that holds an open descriptor. glibc declares it for _GNU_SOURCE only,
/// which Swift's own module of the C library isn't built with.
int syncfs(int descriptor);

/// The kinds of an entry, whose macros hold casts that Swift doesn't import.
static const unsigned int entry_is_file = AE_IFREG;
static const unsigned int entry_is_folder = AE_IFDIR;
static const unsigned int entry_is_symbolic_link = AE_IFLNK;
