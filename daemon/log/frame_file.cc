#include "daemon/log/frame_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "daemon/log/file_error.h"
#include "daemon/log/segment_files.h"
#include "daemon/store/sync_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kMagic = 0x314c4354;  // "TCL1"
constexpr size_t kHeaderBytes = 20;
constexpr size_t kReadAhead = 256U << 10U;

struct Header {
  uint32_t magic = 0;
  uint32_t length = 0;
  uint64_t durable = 0;
  uint32_t crc = 0;
};

Header ReadHeader(std::string_view bytes) {
  ByteReader reader(bytes);
  Header header;
  header.magic = reader.Fixed32();
  header.length = reader.Fixed32();
  header.durable = reader.Fixed64();
  header.crc = reader.Fixed32();
  return header;
}

// Over the header but its last member, and the payload.
uint32_t FrameCrc(std::string_view header, std::string_view payload) {
  return Crc32c(payload, Crc32c(header.substr(0, kHeaderBytes - sizeof(uint32_t))));
}

// The whole frame at the start of `bytes`, or nothing.
bool IsFrame(std::string_view bytes, size_t& size, Header& header) {
  if (bytes.size() < kHeaderBytes) return false;
  header = ReadHeader(bytes);
  if (header.magic != kMagic || header.length > FrameFile::kPayloadMax) return false;
  size = kHeaderBytes + header.length;
  return bytes.size() >= size && FrameCrc(bytes, bytes.substr(kHeaderBytes, header.length)) == header.crc;
}

bool WriteAll(int fd, std::string_view bytes, int64_t at) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), at);
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(written));
    at += written;
  }
  return true;
}

Error Damaged(const std::string& path, const std::string& how) {
  return {ErrorCode::kCorrupt, path,
          how + ": restore the whole state directory from one backup; nothing was changed"};
}

}  // namespace

Result<std::unique_ptr<FrameFile>> FrameFile::Open(const std::string& directory, uint64_t segment_bytes,
                                                   int64_t durable) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return FileError(directory, "cannot be made", error);
  std::unique_ptr<FrameFile> made(new FrameFile(directory, segment_bytes));
  if (Result<Done> recovered = made->Recover(durable); !recovered) return recovered.error();
  return made;
}

FrameFile::~FrameFile() {
  if (fd_ >= 0) ::close(fd_);
}

int64_t FrameFile::begin() const { return segments_.empty() ? 0 : segments_.front(); }

Result<Done> FrameFile::Recover(int64_t durable) {
  Result<std::vector<int64_t>> listed = ListSegments(directory_);
  if (!listed) return listed.error();
  segments_ = *std::move(listed);
  if (segments_.empty() && durable > 0) return Damaged(directory_, "is empty, and was not");
  if (segments_.empty()) return StartSegment();

  const std::string path = SegmentPath(directory_, segments_.back());
  fd_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  struct stat status {};
  if (fd_ < 0 || ::fstat(fd_, &status) != 0) return FileError(path, "cannot be opened", errno);
  std::string bytes(static_cast<size_t>(status.st_size), '\0');
  for (size_t got = 0; got < bytes.size();) {
    const ssize_t n = ::pread(fd_, bytes.data() + got, bytes.size() - got, static_cast<off_t>(got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(path, "cannot be read", errno);
    if (n == 0) return Error{ErrorCode::kUnavailable, path, "became shorter while it was read"};
    got += static_cast<size_t>(n);
  }
  size_t good = 0;
  size_t size = 0;
  Header header;
  while (IsFrame(std::string_view(bytes).substr(good), size, header)) good += size;

  // What follows was cut short by a crash, unless somebody knows that this place was durable once: the owner,
  // or a later frame. What is durable lies before the frame that says so: only an event that holds what looks
  // like a frame says otherwise.
  const int64_t broken_at = segments_.back() + static_cast<int64_t>(good);
  if (broken_at < durable) {
    return Damaged(path, good < bytes.size() ? "is damaged at byte " + std::to_string(good)
                                             : "ends at byte " + std::to_string(good) + ", and did not");
  }
  for (size_t i = good + 1; i + kHeaderBytes <= bytes.size(); ++i) {
    if (std::memcmp(bytes.data() + i, &kMagic, sizeof kMagic) != 0) continue;
    if (!IsFrame(std::string_view(bytes).substr(i), size, header)) continue;
    const auto at = static_cast<uint64_t>(segments_.back()) + i;
    if (header.durable > static_cast<uint64_t>(broken_at) && header.durable <= at)
      return Damaged(path, "is damaged at byte " + std::to_string(good));
  }
  if (good < bytes.size() && ::ftruncate(fd_, static_cast<off_t>(good)) != 0)
    return FileError(path, "cannot be cut", errno);
  if (::fdatasync(fd_) != 0) return FileError(path, "cannot be synced", errno);
  end_ = durable_ = broken_at;
  return Done{};
}

Result<Done> FrameFile::StartSegment() {
  const std::string path = SegmentPath(directory_, end_);
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return FileError(path, "cannot be made", errno);
  if (Result<Done> synced = SyncDirectory(directory_); !synced) {
    ::close(fd);
    ::unlink(path.c_str());
    return synced;
  }
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
  segments_.push_back(end_);
  return Done{};
}

Result<int64_t> FrameFile::Append(std::string_view payload) {
  if (payload.size() > kPayloadMax) return Error{ErrorCode::kExhausted, directory_, "a frame is too large"};
  if (broken_) return Broken();
  // A full segment is durable before the next begins: only the last one can have a torn end. It is not synced
  // here, because a sync that fails takes frames away that others wait for.
  if (static_cast<uint64_t>(end_ - segments_.back()) >= segment_bytes_ && durable_ == end_) {
    if (Result<Done> started = StartSegment(); !started) return started.error();
  }
  scratch_.clear();
  ByteWriter writer(scratch_);
  writer.Fixed32(kMagic);
  writer.Fixed32(static_cast<uint32_t>(payload.size()));
  writer.Fixed64(static_cast<uint64_t>(durable_));
  writer.Fixed32(Crc32c(payload, Crc32c(scratch_)));
  scratch_.append(payload);
  const int64_t at = end_ - segments_.back();
  if (!WriteAll(fd_, scratch_, at)) {
    const int why = errno;
    const Error error = FileError(SegmentPath(directory_, segments_.back()), "cannot be written", why);
    if (::ftruncate(fd_, static_cast<off_t>(at)) != 0)
      return FileError(directory_, "cannot be cut after a failed write", errno);
    return error;
  }
  end_ += static_cast<int64_t>(scratch_.size());
  return end_;
}

Error FrameFile::Broken() const {
  return {ErrorCode::kUnavailable, directory_,
          "a sync failed and could not be taken back: restart the process"};
}

Result<Done> FrameFile::Sync() {
  if (broken_) return Broken();
  if (durable_ == end_) return Done{};
  if (::fdatasync(fd_) != 0) {
    const int why = errno;
    const Error error = FileError(SegmentPath(directory_, segments_.back()), "cannot be synced", why);
    // What the disk holds of it now is unknown; take it back.
    broken_ = ::ftruncate(fd_, static_cast<off_t>(durable_ - segments_.back())) != 0;
    if (!broken_) end_ = durable_;
    return error;
  }
  durable_ = end_;
  return Done{};
}

Result<Done> FrameFile::Turn() {
  if (broken_) return Broken();
  if (end_ == segments_.back() || durable_ != end_) return Done{};
  return StartSegment();
}

void FrameFile::TrimBefore(int64_t position) {
  while (segments_.size() > 1 && segments_[1] <= position) {
    ::unlink(SegmentPath(directory_, segments_.front()).c_str());
    segments_.erase(segments_.begin());
  }
}

FrameFile::Reader::~Reader() { Close(); }

FrameFile::Reader::Reader(Reader&& other) noexcept
    : directory_(std::move(other.directory_)),
      fd_(std::exchange(other.fd_, -1)),
      segment_begin_(other.segment_begin_),
      position_(other.position_),
      buffer_(std::move(other.buffer_)),
      used_(other.used_) {}

FrameFile::Reader& FrameFile::Reader::operator=(Reader&& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(fd_, other.fd_);
  std::swap(segment_begin_, other.segment_begin_);
  std::swap(position_, other.position_);
  std::swap(buffer_, other.buffer_);
  std::swap(used_, other.used_);
  return *this;
}

void FrameFile::Reader::Close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<Done> FrameFile::Reader::Seek(int64_t position) {
  Close();
  buffer_.clear();
  used_ = 0;
  position_ = position;
  return OpenSegment();
}

// Opens the segment that holds position_: the one with the greatest beginning that is not beyond it.
Result<Done> FrameFile::Reader::OpenSegment() {
  const Result<std::vector<int64_t>> segments = ListSegments(directory_);
  if (!segments) return segments.error();
  const auto beyond = std::ranges::upper_bound(*segments, position_);
  if (beyond == segments->begin())
    return Error{ErrorCode::kNotFound, directory_, "holds nothing at this position any more"};
  const int64_t best = *std::prev(beyond);
  const std::string path = SegmentPath(directory_, best);
  Close();
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) return FileError(path, "cannot be opened", errno);
  segment_begin_ = best;
  return Done{};
}

// Makes buffer_ hold at least `bytes` from position_ on, when the segment has them.
bool FrameFile::Reader::Want(size_t bytes, int64_t limit) {
  if (buffer_.size() - used_ >= bytes) return true;
  if (position_ + static_cast<int64_t>(bytes) > limit) return false;
  buffer_.erase(0, used_);
  used_ = 0;
  const size_t held = buffer_.size();
  const auto readable = static_cast<size_t>(limit - position_) - held;
  const size_t more = std::min(std::max(bytes - held, kReadAhead), readable);
  buffer_.resize(held + more);
  size_t got = 0;
  while (held + got < bytes || got == 0) {
    const ssize_t n =
        ::pread(fd_, buffer_.data() + held + got, more - got,
                static_cast<off_t>(position_ - segment_begin_ + static_cast<int64_t>(held + got)));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    got += static_cast<size_t>(n);
  }
  buffer_.resize(held + got);
  return buffer_.size() >= bytes;
}

Result<bool> FrameFile::Reader::Next(int64_t limit, std::string_view& payload) {
  if (position_ + static_cast<int64_t>(kHeaderBytes) > limit) return false;
  if (fd_ < 0) {
    if (Result<Done> opened = OpenSegment(); !opened) return opened.error();
  }
  if (!Want(kHeaderBytes, limit)) {
    // The end of this segment: the frame is at the beginning of the next one.
    const int64_t before = segment_begin_;
    buffer_.clear();
    used_ = 0;
    if (Result<Done> opened = OpenSegment(); !opened) return opened.error();
    if (segment_begin_ == before || !Want(kHeaderBytes, limit)) {
      return Error{ErrorCode::kCorrupt, directory_,
                   "ends before position " + std::to_string(limit) +
                       ": a part of it is gone; restore the whole state directory from one backup"};
    }
  }
  const Header header = ReadHeader(std::string_view(buffer_).substr(used_, kHeaderBytes));
  size_t size = 0;
  Header checked;
  const bool plausible = header.magic == kMagic && header.length <= kPayloadMax;
  if (!plausible || !Want(kHeaderBytes + header.length, limit) ||
      !IsFrame(std::string_view(buffer_).substr(used_), size, checked)) {
    return Error{ErrorCode::kCorrupt, directory_,
                 "is damaged at position " + std::to_string(position_) +
                     ": restore the whole state directory from one backup"};
  }
  payload = std::string_view(buffer_).substr(used_ + kHeaderBytes, header.length);
  used_ += size;
  position_ += static_cast<int64_t>(size);
  return true;
}

}  // namespace tocsin::daemon
