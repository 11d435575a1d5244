#include "alerts/case_money.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "alerts/cases.h"

namespace tocsin::alerts {
namespace {

bool IsPaymentOut(const TimelineItem& item) {
  return item.type == schemas::EventType::kTransaction && item.direction == schemas::Direction::kOut;
}

std::optional<MoneyOut::Payment> PaymentOut(const schemas::Event& event) {
  const schemas::Transaction* payment = event.transaction();
  // A fee has its payment's id, and is not what was stolen.
  if (payment == nullptr || payment->direction != schemas::Direction::kOut ||
      payment->kind == schemas::TransactionKind::kFee)
    return std::nullopt;
  return MoneyOut::Payment{.key = PaymentKey(payment->transaction_id),
                           .at = event.occurred_at,
                           .said_at = event.occurred_at,
                           .amount = payment->amount,
                           .status = payment->status};
}

// From when on the timeline shows all payments of the case's story. REQUIRES: `items`, the timeline's, are
// some.
Timestamp BeginOf(const Case& one, bool complete, const std::vector<TimelineItem>& items) {
  const auto is_cause = [&one](const TimelineItem& item) { return IsCause(one, item.event_id); };
  const auto first = std::ranges::find_if(items, is_cause);
  const Timestamp wanted = first == items.end() ? one.opened_at : std::min(one.opened_at, first->at);
  const Timestamp begin = std::max(wanted, items.front().at);
  if (complete) return begin;
  // What found no room was older than the oldest payment that is there without being a cause.
  const auto oldest = std::ranges::find_if(
      items, [&](const TimelineItem& item) { return IsPaymentOut(item) && !is_cause(item); });
  return oldest == items.end() ? begin : std::max(begin, oldest->at);
}

}  // namespace

void BeginMoney(const schemas::Event& event, CaseFile& file, Case& one) {
  if (one.money.begun() || file.timeline().empty()) return;
  const std::vector<TimelineItem> items = file.timeline().Items();
  const auto not_shown = file.timeline().not_shown();
  one.money.Begin(BeginOf(one, !not_shown || not_shown->others == 0, items));
  for (const TimelineItem& item : items) {
    if (!IsPaymentOut(item) || item.at < one.money.since() || item.event_id == event.event_id.view())
      continue;
    one.money.Note({.at = item.at, .said_at = item.at, .amount = item.amount, .status = item.status});
  }
  const std::optional<MoneyOut::Payment> payment = PaymentOut(event);
  if (payment && payment->at >= one.money.since()) one.money.Note(*payment);
}

void NoteMoney(const schemas::Event& event, CaseFile& file) {
  const std::optional<MoneyOut::Payment> payment = PaymentOut(event);
  const auto concerned = [&](const Case& one) {
    if (!payment || !one.money.begun() || payment->at < one.money.since()) return false;
    return IsOpen(one, payment->at) ||
           (one.state == CaseState::kOpen && one.ticket_open && one.money.Knows(payment->key));
  };
  if (std::ranges::none_of(file.cases(), concerned)) return;
  for (Case& one : file.MutableCases()) {
    if (concerned(one)) one.money.Note(*payment);
  }
}

}  // namespace tocsin::alerts
