// How many bytes of request bodies are held at once: many connections may send, and each could send the
// longest body there may be. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace tocsin::daemon {

class BodyRoom {
 public:
  explicit BodyRoom(size_t bytes_max) : bytes_max_(bytes_max) {}
  [[nodiscard]] size_t taken() const { return taken_; }

  // What one body takes of it, until it is answered.
  class Share {
   public:
    explicit Share(BodyRoom& room) : room_(room) {}
    ~Share() { Release(); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    // So many bytes in all. False when there is no room for them. The first 64 KiB always have room: a small
    // request is answered whatever the large ones do.
    [[nodiscard]] bool Hold(size_t bytes) {
      if (bytes <= kFree + taken_) return true;
      const size_t more = bytes - kFree - taken_;
      if (room_.taken_.fetch_add(more) + more > room_.bytes_max_) {
        room_.taken_ -= more;
        return false;
      }
      taken_ += more;
      return true;
    }
    void Release() { room_.taken_ -= std::exchange(taken_, 0); }

   private:
    static constexpr size_t kFree = size_t{64} << 10U;
    BodyRoom& room_;
    size_t taken_ = 0;
  };

 private:
  const size_t bytes_max_;
  std::atomic<size_t> taken_ = 0;
};

}  // namespace tocsin::daemon
