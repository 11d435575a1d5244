// What delivery adds to the text of /metrics.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/delivery/delivery_metrics.h"

namespace tocsin::daemon {

// How the worker of delivery stands: what is on no lane yet is seen here only.
struct DeliveryWork {
  const WorkerMetrics* worker = nullptr;
  bool kafka = false;                // Else the files of the embedded log.
  int64_t unread = 0;                // Records, or bytes of the files.
  int64_t waiting_since_millis = 0;  // The oldest of that; 0: none.
};

// Prometheus text format; labels are names of channels, which the configuration gives.
[[nodiscard]] std::string DeliveryMetricsText(const DeliveryMetrics& metrics, const DeliveryWork& work,
                                              Timestamp now);

}  // namespace tocsin::daemon
