#include "daemon/explain/explainer.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "detectors/state/recent_events.h"

namespace tocsin::daemon {
namespace {

// Of a record that is no event: by its header (ce_id), or by a member as it is written nearly always.
bool NamesEvent(const schemas::Record& record, std::string_view id) {
  const auto named = [id](const schemas::Header& header) {
    return header.name == "ce_id" && header.value == id;
  };
  if (std::ranges::any_of(record.headers, named)) return true;
  constexpr std::string_view kBlanks = " \t\r\n";
  constexpr std::string_view kMember = "\"event_id\"";
  for (size_t at = record.value.find(kMember); at != std::string_view::npos;
       at = record.value.find(kMember, at)) {
    at += kMember.size();
    std::string_view rest = record.value.substr(at);
    for (const char mark : {':', '"'}) {
      rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
      if (!rest.starts_with(mark)) break;
      rest.remove_prefix(1);
      if (mark == '"' && rest.starts_with(id) && rest.substr(id.size()).starts_with('"')) return true;
    }
  }
  return false;
}

std::string WhyLate(const Unjudged& unjudged) {
  using detectors::RecentEvents;
  const auto hours = [](Millis length) {
    return std::to_string(std::chrono::duration_cast<std::chrono::hours>(length).count()) + " h";
  };
  const Millis older = unjudged.newest - unjudged.event->occurred_at;
  const std::string text = "late: " + hours(older) + " older than the account's newest event";
  if (older > RecentEvents::kHorizon) return text + " (" + hours(RecentEvents::kHorizon) + " are kept)";
  return text + ", which has had more than " + std::to_string(RecentEvents::kEventsMax) +
         " of its kind since";
}

std::string WhyRejected(const schemas::Rejection& rejection) {
  std::string text = "dead letter " + std::string(schemas::CodeName(rejection.code));
  if (!rejection.field.empty()) text += ", member " + rejection.field;
  if (!rejection.detail.empty()) text += ": " + rejection.detail;
  return text;
}

}  // namespace

bool IsFindingId(std::string_view id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

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
  const std::vector<std::string_view> ids = observed.decision.FindingIds();
  if (observed.event.event_id.view() != query_.id && std::ranges::find(ids, query_.id) == ids.end()) return;
  explanations_.push_back(Explain(observed, risk_));
  explanations_.back().history_complete = history_complete_;
}

void Explainer::Passed(const Unjudged& unjudged) {
  const schemas::Event* const event = unjudged.event;
  if (event == nullptr) {
    if (not_judged_.empty() && NamesEvent(unjudged.record, query_.id))
      not_judged_ = WhyRejected(*unjudged.rejection);
    return;
  }
  if (event->event_id.view() != query_.id) return;
  if (!query_.account.empty() && event->account_id.view() != query_.account) return;
  if (unjudged.why == Unjudged::Why::kLate) {
    if (not_judged_.empty()) not_judged_ = WhyLate(unjudged);
    return;
  }
  const auto first = std::ranges::find_if(explanations_, [&](const Explanation& one) {
    return one.event_id == event->event_id.view() && one.account_id == event->account_id.view();
  });
  if (first != explanations_.end()) ++first->repeats;
}

std::string Explainer::NothingFound(uint64_t events) const {
  if (!not_judged_.empty()) return "the event was not judged: " + not_judged_;
  return "no event or finding of that id among " + std::to_string(events) + " events";
}

}  // namespace tocsin::daemon
