#include "daemon/cli/summary.h"

#include <cstdio>

#include "detectors/detector_set.h"

namespace tocsin::daemon {
namespace {

unsigned long long Number(const Count& count) { return static_cast<unsigned long long>(count.value()); }

}  // namespace

void PrintSummary(const WorkerMetrics& metrics, double seconds) {
  const double records = static_cast<double>(metrics.records.value());
  std::fprintf(stderr, "events       %12llu in %.2f s: %.0f events/s\n", Number(metrics.records), seconds,
               seconds > 0 ? records / seconds : 0.0);
  std::fprintf(stderr, "  duplicates %12llu\n  late       %12llu\n  rejected   %12llu (late ones included)\n",
               Number(metrics.duplicates), Number(metrics.late), Number(metrics.dead_letters));
  if (metrics.clamped.value() > 0)
    std::fprintf(stderr, "  from the future %7llu (they count as of now)\n", Number(metrics.clamped));
  std::fprintf(stderr,
               "findings     %12llu\nnotices      %12llu (%llu held back to stay calm, %llu with nobody to "
               "write to)\ntickets      %12llu\nactions      %12llu\n",
               Number(metrics.findings), Number(metrics.notices),
               Number(metrics.notices_held) - Number(metrics.notices_unaddressed),
               Number(metrics.notices_unaddressed), Number(metrics.tickets), Number(metrics.actions));
  std::fprintf(stderr, "\n%-20s %12s %12s %14s\n", "detector", "alert", "clear", "not evaluable");
  const auto catalogue = detectors::Catalogue();
  for (size_t i = 0; i < catalogue.size(); ++i) {
    const auto& counts = metrics.verdicts[i];
    std::fprintf(stderr, "%-20.*s %12llu %12llu %14llu\n", static_cast<int>(catalogue[i].id.size()),
                 catalogue[i].id.data(), Number(counts.alert), Number(counts.clear),
                 Number(counts.not_evaluable));
  }
}

}  // namespace tocsin::daemon
