// Large pages for the accounts' memory.
#pragma once

namespace tocsin::daemon {

// An event touches some fifty cache lines of an account somewhere in gigabytes; with pages of 4 KiB most of
// them miss the processor's page cache as well. The C library asks the kernel for pages of 2 MiB when it is
// told to at its start (GLIBC_TUNABLES); so unless the operator has set that, the program is started again
// with it.
//
// Returns when it is set already, or cannot be: then pages are small, and nothing else differs.
// REQUIRES: no thread was started, and nothing was read from standard input.
void UseHugePages(char** argv);

}  // namespace tocsin::daemon
