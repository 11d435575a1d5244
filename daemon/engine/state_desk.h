// Questions about states from any thread, answered by the workers that hold them, between two batches.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::daemon {

// Thread safe.
class StateDesk {
 public:
  explicit StateDesk(int workers) : workers_(workers) {}

  struct Answer {
    bool complete = false;             // Every worker has looked; false: one did not come to it in time.
    std::optional<std::string> state;  // As EncodeState writes it; what is not committed yet included.
  };
  [[nodiscard]] Answer Ask(std::string_view key, std::chrono::milliseconds wait);

  // A worker's place in the row of questions: each worker has one, and gives it at every call.
  using Place = uint64_t;
  // `look` finds a state among those of the worker. Costs a load when nobody asks.
  void Serve(Place& place, const std::function<std::optional<std::string>(std::string_view key)>& look);

 private:
  struct Question {
    std::string key;
    int waits_for = 0;  // Workers that have not looked.
    std::optional<std::string> found;
  };
  const int workers_;
  std::atomic<uint64_t> asked_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<uint64_t, std::shared_ptr<Question>>> open_;  // By number.
};

}  // namespace tocsin::daemon
