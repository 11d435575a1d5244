// Syncs that fail: frame_file_test.cc puts a function of its own in the place of the C library's fdatasync,
// for the whole program.
#pragma once

#include <atomic>

namespace tocsin {

// Which of them fail. Null: none. Called on any thread.
inline std::atomic<bool (*)(int fd)> fails_to_sync{nullptr};

}  // namespace tocsin
