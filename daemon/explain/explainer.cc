#include "daemon/explain/explainer.h"

#include <string_view>
#include <utility>

namespace tocsin::daemon {
namespace {

bool IsFindingId(std::string_view id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Explainer::Explainer(ExplainQuery query, const alerts::RiskConfig& risk, bool history_complete)
    : query_(std::move(query)),
      risk_(risk),
      history_complete_(history_complete),
      any_event_(IsFindingId(query_.id)) {}

bool Explainer::WantsStateBefore(const schemas::Event& event) {
  if (!query_.account.empty() && event.account_id.view() != query_.account) return false;
  return any_event_ || event.event_id.view() == query_.id;
}

void Explainer::Saw(const Observed& observed) {
  if (observed.before == nullptr) return;
  bool asked = observed.event.event_id.view() == query_.id;
  for (const schemas::Finding& finding : observed.decision.findings)
    asked = asked || finding.finding_id == query_.id;
  if (!asked) return;
  explanations_.push_back(Explain(observed, risk_));
  explanations_.back().history_complete = history_complete_;
}

std::string Explainer::NothingFound(uint64_t events) {
  return "no event or finding of that id among " + std::to_string(events) +
         " events (duplicates, late and rejected ones are not judged)";
}

}  // namespace tocsin::daemon
