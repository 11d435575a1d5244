// What delivery adds to the text of /metrics.
#pragma once

#include <string>

#include "daemon/delivery/delivery_metrics.h"

namespace tocsin::daemon {

// Prometheus text format; labels are names of channels, which the configuration gives.
[[nodiscard]] std::string DeliveryMetricsText(const DeliveryMetrics& metrics, Timestamp now);

}  // namespace tocsin::daemon
