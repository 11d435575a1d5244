// An append-only log of frames in segment files: what is written and synced is there after any crash, and
// what was cut short by one is cut off. A byte that changed under us is found: by who reads it, and at the
// next start in the last segment, unless nothing tells that the frames from there on were durable. That tells
// a later frame (all but those of the newest sync have one), and the owner, who remembers the position of a
// checkpoint or of an orderly end. Only what changed in the newest sync before a crash looks like what a
// crash leaves.
//
// A position is a count of bytes since the log began, over all segments; it only grows.
// Frame on disk: magic, payload length, the position known to be durable when it was written, CRC-32C of all
// of it, payload.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tocsin::daemon {

// Appending and syncing: one thread at a time (the owner locks). Readers are independent and may run on any
// thread, up to a position the owner has told them is durable.
class FrameFile {
 public:
  static constexpr uint32_t kPayloadMax = 1U << 30U;

  // Makes the directory. Checks the last segment: a torn end is cut off. kCorrupt, and nothing is changed,
  // when a frame that was durable is damaged or missing: one that a later frame calls durable, or that lies
  // before `durable`, of which the owner knows.
  [[nodiscard]] static Result<std::unique_ptr<FrameFile>> Open(const std::string& directory,
                                                               uint64_t segment_bytes, int64_t durable = 0);
  ~FrameFile();
  FrameFile(const FrameFile&) = delete;
  FrameFile& operator=(const FrameFile&) = delete;

  // Writes one frame; durable after Sync. On an error nothing of it stays, and all of what was there before.
  // A segment that is full is followed by the next once everything in it is durable.
  [[nodiscard]] Result<int64_t> Append(std::string_view payload);  // The position after the frame.
  // On an error what was not durable is cut off again. When that fails as well nothing is written any more:
  // the kernel may have forgotten what it did not write, and call the next sync a success.
  [[nodiscard]] Result<Done> Sync();

  [[nodiscard]] int64_t begin() const;
  [[nodiscard]] int64_t end() const { return end_; }
  [[nodiscard]] int64_t durable_end() const { return durable_; }
  [[nodiscard]] uint64_t DiskBytes() const { return static_cast<uint64_t>(end_ - begin()); }

  // Where each segment begins; the last one is written.
  [[nodiscard]] const std::vector<int64_t>& segments() const { return segments_; }
  // Begins a new segment, so that what was written so far can be removed. Nothing happens while the last one
  // is empty, or holds what is not durable yet.
  [[nodiscard]] Result<Done> Turn();
  // Removes segments that lie wholly before `position`; the last one stays.
  void TrimBefore(int64_t position);

  // Reads frames in order. One thread.
  class Reader {
   public:
    explicit Reader(std::string directory) : directory_(std::move(directory)) {}
    ~Reader();
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) noexcept;

    // The next frame is the one that begins at `position`. kNotFound when no segment holds it; kUnavailable
    // when that cannot be told now.
    [[nodiscard]] Result<Done> Seek(int64_t position);
    // True and the frame (valid until the next call) when one ends at or before `limit`; false when there is
    // none. After kUnavailable it may be called again; kCorrupt: it is damaged, or a part is gone.
    [[nodiscard]] Result<bool> Next(int64_t limit, std::string_view& payload);
    // Of the next frame.
    [[nodiscard]] int64_t position() const { return position_; }

   private:
    friend class FrameFile;
    [[nodiscard]] Result<Done> OpenSegment();
    // Never reads beyond `limit`: what lies there may still be taken back.
    [[nodiscard]] bool Want(size_t bytes, int64_t limit);
    void Close();

    std::string directory_;
    int fd_ = -1;
    int64_t segment_begin_ = 0;
    int64_t position_ = 0;
    std::string buffer_;
    size_t used_ = 0;  // Of buffer_.
  };

 private:
  FrameFile(std::string directory, uint64_t segment_bytes)
      : directory_(std::move(directory)), segment_bytes_(segment_bytes) {}
  [[nodiscard]] Result<Done> Recover(int64_t durable);
  [[nodiscard]] Result<Done> StartSegment();
  [[nodiscard]] Error Broken() const;

  std::string directory_;
  uint64_t segment_bytes_;
  std::vector<int64_t> segments_;  // Where each begins.
  int fd_ = -1;                    // Of the last one.
  int64_t end_ = 0;
  int64_t durable_ = 0;
  bool broken_ = false;  // What the file holds after durable_ is unknown.
  std::string scratch_;
};

}  // namespace tocsin::daemon
