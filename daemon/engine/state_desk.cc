#include "daemon/engine/state_desk.h"

#include <algorithm>
#include <utility>

namespace tocsin::daemon {

StateDesk::Answer StateDesk::Ask(std::string_view key, std::chrono::milliseconds wait) {
  const auto question = std::make_shared<Question>();
  question->key = key;
  question->waits_for = workers_;
  std::unique_lock lock(mutex_);
  const uint64_t number = asked_.load(std::memory_order_relaxed) + 1;
  open_.emplace_back(number, question);
  asked_.store(number, std::memory_order_release);
  const bool complete =
      changed_.wait_for(lock, wait, [&] { return question->found || question->waits_for == 0; });
  std::erase_if(open_, [&](const auto& one) { return one.second == question; });
  return {.complete = complete, .state = question->found};
}

void StateDesk::Serve(Place& place, const std::function<std::optional<std::string>(std::string_view)>& look) {
  const uint64_t newest = asked_.load(std::memory_order_acquire);
  if (newest == place) return;
  std::vector<std::shared_ptr<Question>> mine;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, question] : open_) {
      if (number > place && number <= newest) mine.push_back(question);
    }
  }
  place = newest;
  for (const auto& question : mine) {
    std::optional<std::string> found = look(question->key);
    const std::lock_guard lock(mutex_);
    if (found) question->found = std::move(found);
    --question->waits_for;
  }
  if (!mine.empty()) changed_.notify_all();
}

}  // namespace tocsin::daemon
