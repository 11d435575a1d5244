// How often a connection was closed to make room for another. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tocsin::daemon {

class ClosedConnections {
 public:
  // Idle: its next request was awaited. Busy: the rest of one, or that its answer was taken: whoever it was
  // has been turned away.
  static constexpr std::array<std::string_view, 2> kStates = {"idle", "busy"};
  using Numbers = std::array<uint64_t, kStates.size()>;

  void Add(bool busy) { counts_[busy ? 1 : 0].fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] Numbers Read() const {
    return {counts_[0].load(std::memory_order_relaxed), counts_[1].load(std::memory_order_relaxed)};
  }

 private:
  std::array<std::atomic<uint64_t>, kStates.size()> counts_{};
};

}  // namespace tocsin::daemon
