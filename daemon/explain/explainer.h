// Keeps the explanation of each event that is asked for while a log is replayed (docs/adr/0009).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "alerts/alerts_config.h"
#include "daemon/detection/observer.h"
#include "daemon/explain/explanation.h"

namespace tocsin::daemon {

struct ExplainQuery {
  std::string id;       // Of an event; or of a finding: then of each event that gave it.
  std::string account;  // Only its events; "": of all accounts.
};

// 32 hexadecimal digits: no event's id is meant.
[[nodiscard]] bool IsFindingId(std::string_view id);

// One thread.
class Explainer final : public DetectionObserver {
 public:
  // `risk` outlives this. `history_complete`: the log that is replayed has everything since its beginning.
  Explainer(ExplainQuery query, const alerts::RiskConfig& risk, bool history_complete);

  [[nodiscard]] bool WantsStateBefore(const schemas::Event& event) override;
  void Saw(const Observed& observed) override;
  void Passed(const Unjudged& unjudged) override;

  [[nodiscard]] const std::vector<Explanation>& explanations() const { return explanations_; }
  // Why there are none, after `events` of them: what became of the event, or that there was none of that id.
  [[nodiscard]] std::string NothingFound(uint64_t events) const;

 private:
  const ExplainQuery query_;
  const alerts::RiskConfig& risk_;
  const bool history_complete_;
  const bool any_event_;  // The id may be a finding's.
  std::vector<Explanation> explanations_;
  std::string not_judged_;  // Why, of the first record of that id that was not; "": there was none.
};

}  // namespace tocsin::daemon
