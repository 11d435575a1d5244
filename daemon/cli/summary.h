// The few lines a person wants after a run: how much, how fast, what was found.
#pragma once

#include "daemon/metrics/worker_metrics.h"

namespace tocsin::daemon {

// To standard error.
void PrintSummary(const WorkerMetrics& metrics, double seconds);

}  // namespace tocsin::daemon
