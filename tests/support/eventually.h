// Waiting for what another thread does: as long as a busy machine may need, and no longer than a hung one is
// worth.
#pragma once

#include <chrono>
#include <thread>

namespace tocsin::test {

// Whether `holds` becomes true within a minute.
template <class Condition>
[[nodiscard]] bool Eventually(Condition holds) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace tocsin::test
