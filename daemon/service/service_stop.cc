// The end of a process: what was read is committed, whoever still asks.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "daemon/service/log_line.h"
#include "daemon/service/service.h"

namespace tocsin::daemon {
namespace {

// Takes no connection from here on; the requests that are under way end in their own time.
template <class Server>
std::future<void> Close(std::unique_ptr<Server> server) {
  return std::async(std::launch::async, [closed = std::move(server)]() mutable { closed = nullptr; });
}

// What is not committed is read again at the next start.
[[noreturn]] void LeaveToRecovery(const char* what) {
  LogLine(LogLevel::kError, "drain_timeout",
          std::string(what) + " did not finish in time; the rest is left to recovery");
  ::_exit(0);
}

}  // namespace

Service::~Service() { static_cast<void>(Stop()); }

bool Service::Stop() {
  if (stop_.exchange(true)) return closing_.empty();
  const auto deadline = std::chrono::steady_clock::now() + config_.engine.drain_timeout;
  if (joiner_.valid() && joiner_.wait_until(deadline) != std::future_status::ready)
    LeaveToRecovery("the start");
  // What is accepted from here on is durable, and read at the next start.
  closing_.push_back(Close(std::move(events_server_)));
  while (running_ > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (running_ > 0) LeaveToRecovery("the workers");
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  if (heart_.joinable()) heart_.join();
  closing_.push_back(Close(std::move(admin_)));
  const bool delivered = !delivery_ || delivery_->Stop(deadline);
  closing_.push_back(Close(std::move(metrics_server_)));
  const auto waits = [deadline](const std::future<void>& closing) {
    return closing.wait_until(deadline) != std::future_status::ready;
  };
  const bool cut = std::ranges::any_of(closing_, waits);
  if (!delivered) {
    LogLine(LogLevel::kWarning, "delivery_cut",
            "delivery did not end within engine.drain_timeout: attempts under way, " +
                std::to_string(delivery_->under_way()) + ", are made again at the next start");
  }
  if (cut) {
    LogLine(LogLevel::kWarning, "clients_cut",
            "requests that are under way did not end within engine.drain_timeout, and end with the process");
  }
  if (cut || !delivered) return false;
  closing_.clear();
  return true;
}

}  // namespace tocsin::daemon
