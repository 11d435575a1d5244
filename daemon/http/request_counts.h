// How HTTP requests were answered, by what was asked for. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tocsin::daemon {

class RequestCounts {
 public:
  // What is asked for decides, whichever port it came to: a path of a person's making is one of few.
  static constexpr std::array<std::string_view, 5> kRoutes = {"answers", "admin", "ingest", "metrics",
                                                              "other"};
  static constexpr std::array<std::string_view, 4> kStatuses = {"2xx", "3xx", "4xx", "5xx"};
  using Table = std::array<std::array<uint64_t, kStatuses.size()>, kRoutes.size()>;

  // The index in kRoutes.
  [[nodiscard]] static size_t RouteOf(std::string_view path) {
    if (path.starts_with("/r/")) return 0;
    if (path.starts_with("/admin/")) return 1;
    if (path == "/v1/events") return 2;
    const bool ours = path == "/metrics" || path == "/livez" || path == "/readyz" || path == "/version";
    return ours ? 3 : 4;
  }

  void Add(std::string_view path, int status) {
    if (status < 200 || status > 599) return;
    counts_[RouteOf(path)][static_cast<size_t>(status / 100 - 2)].fetch_add(1, std::memory_order_relaxed);
  }
  [[nodiscard]] Table Read() const {
    Table table{};
    for (size_t route = 0; route < kRoutes.size(); ++route) {
      for (size_t status = 0; status < kStatuses.size(); ++status)
        table[route][status] = counts_[route][status].load(std::memory_order_relaxed);
    }
    return table;
  }

 private:
  std::array<std::array<std::atomic<uint64_t>, kStatuses.size()>, kRoutes.size()> counts_{};
};

}  // namespace tocsin::daemon
