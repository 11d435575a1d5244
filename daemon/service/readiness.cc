#include "daemon/service/readiness.h"

namespace tocsin::daemon {

std::string WhyNotReady(const Readiness& readiness) {
  if (readiness.stopping) return "stopping";
  if (!readiness.begun)
    return "starting: the log is not there yet (kafka_awaited in the log says what it waits for)";
  if (!readiness.serving) return "starting";
  if (!readiness.working) return "a worker has ended or hangs";
  if (readiness.partitions > 0 && (readiness.restoring == 0 || readiness.restored)) return {};
  const uint64_t all = readiness.partitions + readiness.restoring + readiness.stopped;
  if (all == 0 && readiness.brokers_away)
    return "no broker can be reached: the partitions come back when one answers";
  if (all == 0)
    return "no partition is this process's: the group is dividing them, or has more processes than "
           "partitions";
  std::string text = readiness.restoring > 0 ? "restoring: " : "";
  text += std::to_string(readiness.partitions) + " of " + std::to_string(all) + " partitions are restored";
  if (readiness.stopped > 0)
    text += ", " + std::to_string(readiness.stopped) +
            " wait for a person (restore_failed or kafka_input_lost in the log)";
  if (readiness.brokers_away) text += "; no broker can be reached";
  return text;
}

}  // namespace tocsin::daemon
