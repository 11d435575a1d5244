// A file copied into anonymous memory, under a name that libraries which only open paths can open.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace tocsin::daemon {

// What identifies the content of a file without reading it.
struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t modified_ns = 0;  // Unix time.
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// kNotFound or kUnavailable (with the system's reason) when it cannot be looked at; kInvalid when it is no
// regular file.
Result<FileStamp> StampOf(const std::string& path);

// The bytes stay until the object is destroyed. Not copyable, movable.
class PrivateCopy {
 public:
  // kUnavailable when the file cannot be read or changed while it was read: somebody is writing it, try
  // again.
  static Result<PrivateCopy> Of(const std::string& path);

  PrivateCopy(PrivateCopy&& other) noexcept;
  PrivateCopy& operator=(PrivateCopy&& other) noexcept;
  ~PrivateCopy();

  // A path for open(2) in this process, valid while the object lives.
  [[nodiscard]] std::string name() const;
  [[nodiscard]] const FileStamp& stamp() const { return stamp_; }

 private:
  PrivateCopy(int descriptor, const FileStamp& stamp) : descriptor_(descriptor), stamp_(stamp) {}
  int descriptor_ = -1;
  FileStamp stamp_;
};

// The whole file as a string, with the same guarantee. kExhausted when it is larger than `bytes_max`.
Result<std::string> ReadWholeFile(const std::string& path, uint64_t bytes_max);

}  // namespace tocsin::daemon
