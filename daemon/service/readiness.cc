#include "daemon/service/readiness.h"

#include <string_view>

namespace tocsin::daemon {
namespace {

std::string_view Unreached(KafkaReach reach) {
  switch (reach) {
    case KafkaReach::kAll:
      return {};
    case KafkaReach::kNoCoordinator:
      return "the broker that manages the group, or its transactions, cannot be reached";
    case KafkaReach::kNoBroker:
      return "no broker can be reached";
  }
  return {};
}

}  // namespace

std::string WhyNotReady(const Readiness& readiness) {
  if (readiness.stopping) return "stopping";
  if (!readiness.begun)
    return "starting: the log is not there yet (kafka_awaited in the log says what it waits for)";
  if (!readiness.serving) return "starting";
  if (!readiness.working) return "a worker has ended or hangs";
  if (readiness.reach == KafkaReach::kAll && readiness.partitions > 0 &&
      (readiness.restoring == 0 || readiness.restored))
    return {};
  const uint64_t all = readiness.partitions + readiness.restoring + readiness.stopped;
  const std::string_view unreached = Unreached(readiness.reach);
  if (!unreached.empty() && readiness.restoring + readiness.stopped == 0)
    return std::string(unreached) + ": it goes on by itself when one answers";
  if (all == 0)
    return "no partition is this process's: the group is dividing them, or has more processes than "
           "partitions";
  std::string text = readiness.restoring > 0 ? "restoring: " : "";
  text += std::to_string(readiness.partitions) + " of " + std::to_string(all) + " partitions are restored";
  if (readiness.stopped > 0)
    text += ", " + std::to_string(readiness.stopped) +
            " wait for a person (restore_failed or kafka_input_lost in the log)";
  if (!unreached.empty()) text += "; " + std::string(unreached);
  return text;
}

}  // namespace tocsin::daemon
