#include "detectors/payments/flows.h"

#include "detectors/asked.h"

namespace tocsin::detectors {

Flows::Flows(const schemas::Event& event, const AccountState& state) : money_(state.money()) {
  const Movement own = ReadMovement(event, state.profile().OwnerAt(event.occurred_at).country);
  event_counts_ = own.counted;
  known_ = money_.Find(own.transaction_key);
  after_ = known_ == nullptr ? own : Merge(*known_, own);
  event_id_ = known_ == nullptr ? event.event_id.view() : FirstEventId(*known_, own, event.event_id.view());
}

Flows::Flows(const schemas::Event& event, const AccountState& state, const Context& context)
    : Flows(context.asked != nullptr ? context.asked->Money()
                                     : static_cast<const Flows&>(Flows(event, state))) {}

bool Flows::Changes() const {
  const Movement* was = before();
  const Movement* is = after();
  if (was == nullptr || is == nullptr) return was != is;
  return was->at != is->at || was->amount != is->amount || was->kind != is->kind ||
         was->direction != is->direction || was->GoneAt() != is->GoneAt();
}

bool Flows::IsNews() const {
  const Movement* was = before();
  const Movement* is = after();
  if (is == nullptr) return false;
  // In another currency nobody has judged it, whatever it was worth before.
  return was == nullptr || was->amount.currency != is->amount.currency ||
         was->amount.minor < is->amount.minor;
}

bool Flows::Forgot(Millis window) const {
  const Timestamp until = money_.forgotten_until;
  if (until <= at() - window) return false;
  // What is as old as that leaves every list, and the lateness of events has made room for it.
  return !money_.entries.empty() && until >= money_.entries.back().at - MoneyHistory::kEntriesKept;
}

size_t CountAround(const MoneyHistory& money, Timestamp at, Millis window, size_t enough) {
  // The window that ends at `at`, and those of later transactions that it is part of.
  const auto& entries = money.entries;
  size_t count = 0;
  for (auto entry = entries.rbegin(); entry != entries.rend() && entry->at > at - window; ++entry) {
    if (entry->at < at + window && ++count >= enough) break;
  }
  return count;
}

}  // namespace tocsin::detectors
