// Heartbeats: written to the partitions of this process, seen again at their commit (Service::Metrics).
#include "daemon/log/heartbeat.h"
#include "daemon/service/log_line.h"
#include "daemon/service/service.h"

namespace tocsin::daemon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{100};  // For the end.

}  // namespace

// The embedded log has none: who writes to it and who reads it are one process on one disk, and /readyz, the
// age of the newest event and tocsin_log_pending_bytes say what a heartbeat could.
Result<Done> Service::StartHeartbeats() {
  if (local_ || config_.kafka.heartbeat_interval.count() == 0) return Done{};
  Result<std::unique_ptr<KafkaHeartbeat>> opened = KafkaHeartbeat::Open(
      config_.kafka, config_.kafka.input_topics.front(), std::string(kHeartbeatName),
      [](std::string_view code, const std::string& text) { LogLine(LogLevel::kWarning, code, text); });
  if (!opened) return opened.error();
  heartbeat_ = *std::move(opened);
  heart_ = std::thread([this] { Beat(); });
  return Done{};
}

void Service::Beat() {
  steady_clock::time_point next = steady_clock::now();
  while (!stop_) {
    if (steady_clock::now() < next) {
      std::this_thread::sleep_for(kLook);
      continue;
    }
    next = steady_clock::now() + config_.kafka.heartbeat_interval;
    std::vector<int32_t> partitions;
    for (const auto& metrics : metrics_) {
      const std::vector<int32_t> more = metrics->heartbeats.Partitions();
      partitions.insert(partitions.end(), more.begin(), more.end());
    }
    heartbeat_->Send(partitions,
                     HeartbeatEvent(std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now())));
  }
}

}  // namespace tocsin::daemon
