// /admin/v1: what an operator may see and do (docs/admin-api.md), apart from deliveries.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "daemon/engine/state_desk.h"
#include "daemon/explain/explainer.h"
#include "daemon/http/account_ref.h"
#include "daemon/http/admin_guard.h"
#include "daemon/http/audit_log.h"
#include "daemon/service/dead_letters.h"
#include "daemon/service/live_feed.h"
#include "daemon/service/reloader.h"

namespace tocsin::daemon {

// With the embedded log: how long it keeps what was given to it, and the files what was put out.
struct KeptFor {
  Millis log{};
  Millis outputs{};
};

// What the interface is given; all of it outlives the interface.
struct AdminParts {
  AdminGuard* guard = nullptr;
  const AuditLog* audit = nullptr;
  const AuditLog* erasures = nullptr;
  StateDesk* states = nullptr;
  LiveFeed* feed = nullptr;
  DeadLetters* letters = nullptr;
  const AccountRefs* refs = nullptr;
  const Reloader* config = nullptr;
  std::function<ReloadOutcome()> reload;
  std::function<std::string()> status;  // JSON.
  std::function<Result<std::vector<Explanation>>(const ExplainQuery&)> explain;
  // Keeps an event durably.
  std::function<Result<Done>(std::string_view account, const std::string& event)> keep;
  std::function<Timestamp()> wall_clock;
  std::optional<KeptFor> kept_for;  // None: over Kafka, where topics keep it.
};

// Thread safe.
class AdminInterface {
 public:
  explicit AdminInterface(AdminParts parts) : parts_(std::move(parts)) {}
  [[nodiscard]] std::vector<HttpRoute> Routes();

 private:
  [[nodiscard]] HttpResponse ShowAccount(const HttpRequest& request) const;
  [[nodiscard]] Timestamp ErasedAt(std::string_view account_id) const;
  [[nodiscard]] std::string WrongSubject(std::string_view account_id, const std::string& case_id,
                                         const std::string& finding_id) const;
  [[nodiscard]] HttpResponse SayOfAccount(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse ListFindings(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse ListCases(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse ShowFinding(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse ExplainOne(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse ListLetters(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse ShowLetter(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse HandleLetters(const HttpRequest& request, bool replay) const;
  [[nodiscard]] HttpResponse Tap(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse ListLines(const char* name, const std::vector<std::string>& lines) const;

  const AdminParts parts_;
  mutable std::timed_mutex many_;  // Answers of many outputs: one at a time.
};

}  // namespace tocsin::daemon
