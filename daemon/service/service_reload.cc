// Another configuration under the running service.
#include <algorithm>

#include "daemon/service/log_line.h"
#include "daemon/service/service.h"

namespace tocsin::daemon {

// The log has every change as well: what cannot be written here is done all the same, or a full disk would
// keep a remedy out.
void Service::AuditReload(ReloadCause cause, const ReloadOutcome& outcome) {
  const char* const from = cause == ReloadCause::kSignal ? "signal"
                           : cause == ReloadCause::kFile ? "file"
                                                         : "admin";
  AuditEntry entry{.action = "config.reloaded", .subject = "rules " + outcome.rules_hash, .from = from};
  const auto wrong = std::ranges::count(outcome.problems, false, &ConfigProblem::warning);
  entry.outcome = outcome.accepted
                      ? "done"
                      : "refused: " + std::to_string(wrong) + (wrong == 1 ? " problem" : " problems");
  for (const ChangedKey& one : outcome.changed)
    entry.changed.push_back(one.live ? one.key : one.key + " (after a restart)");
  if (Result<Done> written = audit_.Write(entry); !written)
    LogLine(LogLevel::kWarning, "audit_unwritten", "the reload is not in it: " + written.error().ToString());
}

ReloadOutcome Service::Reload(ReloadCause cause) {
  if (!serving_) {
    LogLine(LogLevel::kWarning, "reload_early", "the daemon is still starting: ask again when it is ready");
    ReloadOutcome early;
    early.problems.push_back({0, 0, "", "the daemon is still starting: ask again when it is ready", false});
    return early;
  }
  ReloadOutcome outcome = reloader_.Reload(cause);
  if (Result<bool> looked = databases_->Look(); !looked)
    LogLine(LogLevel::kError, "geoip_refused", looked.error().ToString());
  return outcome;
}

void Service::WatchConfig() {
  if (serving_ && config_.watch_config) reloader_.Watch(std::chrono::steady_clock::now());
}

void Service::Tidy() {
  if (!serving_ || !local_) return;
  local_->Tidy(std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()));
  if (delivery_) delivery_->Tidy();
}

}  // namespace tocsin::daemon
