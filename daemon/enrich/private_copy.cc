#include "daemon/enrich/private_copy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tocsin::daemon {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return value_; }
  int Release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

FileStamp ToStamp(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<uint64_t>(status.st_size),
          .modified_ns = status.st_mtim.tv_sec * int64_t{1'000'000'000} + status.st_mtim.tv_nsec};
}

Error SystemError(const std::string& path, const char* doing, int number) {
  const bool absent = number == ENOENT || number == ENOTDIR;
  return {absent ? ErrorCode::kNotFound : ErrorCode::kUnavailable, path,
          std::string(doing) + ": " + std::strerror(number)};
}

Error ChangedWhileRead(const std::string& path) {
  return {ErrorCode::kUnavailable, path,
          "changed while it was read; write new versions under another name and rename them onto this one"};
}

Result<FileStamp> StampOf(int descriptor, const std::string& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return SystemError(path, "cannot look at the file", errno);
  if (!S_ISREG(status.st_mode)) return Error{ErrorCode::kInvalid, path, "not a regular file"};
  return ToStamp(status);
}

// Hands every piece of the file to `keep`; checks that the file was the same before and after.
template <class Keep>
Result<FileStamp> ReadAll(const std::string& path, uint64_t bytes_max, const Keep& keep) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return SystemError(path, "cannot open the file", errno);
  const Result<FileStamp> before = StampOf(file.get(), path);
  if (!before) return before.error();
  if (before->size > bytes_max) {
    return Error{ErrorCode::kExhausted, path, "larger than " + std::to_string(bytes_max) + " bytes"};
  }
  std::string buffer(std::min<uint64_t>(before->size + 1, 1 << 20), '\0');
  uint64_t total = 0;
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(path, "cannot read the file", errno);
    if (count == 0) break;
    total += static_cast<uint64_t>(count);
    if (total > before->size) return ChangedWhileRead(path);
    if (!keep(buffer.data(), static_cast<size_t>(count))) {
      return SystemError(path, "no memory for a copy of the file", errno);
    }
  }
  const Result<FileStamp> after = StampOf(file.get(), path);
  if (!after) return after.error();
  if (total != before->size || !(*after == *before)) return ChangedWhileRead(path);
  return *before;
}

}  // namespace

Result<FileStamp> StampOf(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return SystemError(path, "cannot look at the file", errno);
  if (!S_ISREG(status.st_mode)) return Error{ErrorCode::kInvalid, path, "not a regular file"};
  return ToStamp(status);
}

Result<PrivateCopy> PrivateCopy::Of(const std::string& path) {
  Descriptor memory(::memfd_create("tocsin-copy", MFD_CLOEXEC));
  if (memory.get() < 0) return SystemError(path, "no memory for a copy of the file", errno);
  const auto keep = [&memory](const char* data, size_t size) {
    while (size > 0) {
      const ssize_t count = ::write(memory.get(), data, size);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      data += count;
      size -= static_cast<size_t>(count);
    }
    return true;
  };
  const Result<FileStamp> stamp = ReadAll(path, UINT64_MAX, keep);
  if (!stamp) return stamp.error();
  return PrivateCopy(memory.Release(), *stamp);
}

PrivateCopy::PrivateCopy(PrivateCopy&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), stamp_(other.stamp_) {}

PrivateCopy& PrivateCopy::operator=(PrivateCopy&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  stamp_ = other.stamp_;
  return *this;
}

PrivateCopy::~PrivateCopy() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string PrivateCopy::name() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

Result<std::string> ReadWholeFile(const std::string& path, uint64_t bytes_max) {
  std::string content;
  const Result<FileStamp> stamp = ReadAll(path, bytes_max, [&content](const char* data, size_t size) {
    content.append(data, size);
    return true;
  });
  if (!stamp) return stamp.error();
  return content;
}

}  // namespace tocsin::daemon
