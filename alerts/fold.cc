#include "alerts/fold.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "alerts/cases.h"
#include "alerts/owner_text.h"
#include "alerts/payment_fact.h"
#include "alerts/subject.h"
#include "base/text.h"

namespace tocsin::alerts {
namespace {

using schemas::Family;

constexpr size_t kTextMax = 120;

// What a claim of the event says is about this one; the event's own, when it is.
std::optional<PaymentFact> PaymentOf(const schemas::Claim& claim, const schemas::Event& event,
                                     const Timeline& timeline) {
  if (IsOfLater(claim, event)) {
    const TimelineItem what = SubjectOf(claim, event, timeline);
    if (what.type != schemas::EventType::kTransaction) return std::nullopt;
    return PaymentFact{.said_at = what.at,
                       .kind = what.kind,
                       .direction = what.direction,
                       .status = what.status,
                       .amount = what.amount,
                       .other = MaskId(CleanText(what.payee))};
  }
  const schemas::Transaction* const transaction = event.transaction();
  if (transaction == nullptr) return std::nullopt;
  const bool of_event = claim.transaction_id.empty() || claim.transaction_id == transaction->transaction_id;
  return of_event ? std::optional(ToPaymentFact(event)) : std::nullopt;
}

bool IsOfSamePayment(const Folded& a, const Folded& b) {
  return a.payment && b.payment && a.payment->key != 0 && a.payment->key == b.payment->key;
}

bool Leaves(const Folded& item) { return item.payment && item.payment->leaves(); }

bool IsSame(const Folded& known, const Folded& item) {
  if (known.reason != item.reason || known.case_id != item.case_id) return false;
  return IsOfSamePayment(known, item) || (known.observed == item.observed && !Leaves(known) && !Leaves(item));
}

// `item` is the same as `known`.
void Count(Folded item, Folded& known) {
  known.at = std::min(known.at, item.at);
  known.severity = std::max(known.severity, item.severity);
  if (!IsOfSamePayment(known, item)) {
    ++known.times;
    known.payment.reset();  // It is about several.
    return;
  }
  known.observed = std::move(item.observed);
  known.usual = std::move(item.usual);
  if (item.payment->said_at >= known.payment->said_at) known.payment = std::move(item.payment);
}

bool IsCounter(const Folded& item) { return item.reason.empty(); }

// Of what two lines of a digest are alike in; payments of two currencies are not.
bool IsAlike(const Folded& a, const Folded& b) {
  const auto currency = [](const Folded& item) {
    return Leaves(item) ? item.payment->amount.currency : Currency();
  };
  return a.reason == b.reason && currency(a) == currency(b);
}

// The one that gives its place: never money that left or what is grave while there is anything else; of
// those, of whatever there is most of; the smallest payment, or the latest.
size_t LeastOf(const std::vector<Folded>& items) {
  const auto rank = [&items](const Folded& item) {
    const auto alike = std::ranges::count_if(items, [&](const Folded& one) { return IsAlike(one, item); });
    const bool leaves = Leaves(item);
    return std::tuple(leaves || item.severity >= schemas::Severity::kHigh, -alike, leaves, item.severity,
                      leaves ? item.payment->amount.minor : 0, kTimestampMax - item.at);
  };
  size_t least = 0;
  for (size_t i = 1; i < items.size(); ++i) {
    if (rank(items[i]) < rank(items[least])) least = i;
  }
  return least;
}

void NoteOut(const PaymentFact& payment, NoRoom& no_room) {
  if (!no_room.money.begun()) no_room.money.Begin(payment.said_at);
  no_room.money.Note({.key = payment.key,
                      .at = payment.said_at,
                      .said_at = payment.said_at,
                      .amount = payment.amount,
                      .status = payment.status});
}

void CountIn(const Folded& item, Folded& counter) {
  NoRoom& no_room = counter.no_room;
  const bool takeover = item.family == Family::kTakeover || item.family == Family::kReport;
  counter.times += item.times;
  counter.at = std::min(counter.at, item.at);
  if (item.severity > counter.severity || counter.case_id.empty()) {
    counter.severity = item.severity;
    counter.case_id = item.case_id;
  }
  // What is grave by its family stays so.
  if (takeover) counter.family = item.family;
  if (item.payment && item.payment->direction == schemas::Direction::kOut) {
    NoteOut(*item.payment, no_room);
  } else if (item.payment || item.family == Family::kMoney || item.family == Family::kLimit) {
    no_room.others += item.times;
  } else {
    (takeover ? no_room.takeovers : no_room.uses) += item.times;
  }
}

void MakeRoom(std::vector<Folded>& folded) {
  Folded counter{.at = kTimestampMax, .times = 0};
  if (IsCounter(folded.back())) {
    counter = std::move(folded.back());
    folded.pop_back();
  }
  while (folded.size() >= CaseFile::kFoldedMax) {
    const auto least = folded.begin() + static_cast<std::ptrdiff_t>(LeastOf(folded));
    CountIn(*least, counter);
    folded.erase(least);
  }
  folded.push_back(std::move(counter));
}

bool IsListed(const std::vector<Folded>& folded, uint64_t key) {
  return key != 0 && std::ranges::any_of(folded, [key](const Folded& item) {
           return item.payment && item.payment->key == key;
         });
}

}  // namespace

void Fold(const Step& step, const schemas::Event& event, CaseFile& file) {
  const Timestamp at = event.occurred_at;
  std::vector<Folded>& folded = file.MutableFolded();
  Folded item{.reason = std::string(step.reason()),
              .at = at,
              .severity = step.severity,
              .family = step.claim->family,
              .case_id = step.one->case_id,
              .payment = PaymentOf(*step.claim, event, file.timeline())};
  if (!step.claim->reasons.empty()) {
    item.observed = OwnerText(step.claim->reasons.front().observed, kTextMax);
    item.usual = OwnerText(step.claim->reasons.front().usual, kTextMax);
  }
  const auto known = std::ranges::find_if(folded, [&](const Folded& one) { return IsSame(one, item); });
  if (known != folded.end()) return Count(std::move(item), *known);
  const auto end = folded.end() - (!folded.empty() && IsCounter(folded.back()) ? 1 : 0);
  folded.insert(std::ranges::upper_bound(folded.begin(), end, at, {}, &Folded::at), std::move(item));
  if (folded.size() > CaseFile::kFoldedMax) MakeRoom(folded);
}

void NotePayments(const schemas::Event& event, CaseFile& file) {
  const schemas::Transaction* const transaction = event.transaction();
  if (transaction == nullptr) return;
  const uint64_t key = PaymentKey(transaction->transaction_id);
  const auto concerned = [&](const Folded& item) {
    return (item.payment && item.payment->IsNewsIn(event)) || item.no_room.money.Knows(key);
  };
  if (std::ranges::none_of(file.folded(), concerned)) return;
  for (Folded& item : file.MutableFolded()) {
    if (!concerned(item)) continue;
    IsCounter(item) ? NoteOut(ToPaymentFact(event), item.no_room)
                    : static_cast<void>(item.payment = ToPaymentFact(event));
  }
}

Tally LeftOf(const std::vector<Folded>& folded, std::string_view case_id, Timestamp since, uint64_t except) {
  Tally left;
  std::vector<uint64_t> known = {except};
  const auto add = [&](uint64_t key, Timestamp at, const Money& amount) {
    if (at <= since || (key != 0 && std::ranges::find(known, key) != known.end())) return;
    known.push_back(key);
    left.Add(amount, 1);
  };
  for (const Folded& item : folded) {
    if (!case_id.empty() && item.case_id != case_id) continue;
    if (Leaves(item)) add(item.payment->key, item.at, item.payment->amount);
    for (const MoneyOut::Payment& one : item.no_room.money.payments()) {
      if (one.fate() != MoneyOut::Fate::kBack) add(one.key, one.at, one.amount);
    }
    if (since > kTimestampMin) continue;
    for (const MoneyOut::Sum& sum : item.no_room.money.sums()) {
      if (sum.fate != MoneyOut::Fate::kBack) left.Add(sum.amount, sum.payments);
    }
  }
  return left;
}

NotListed NotListedOf(const std::vector<Folded>& folded) {
  NotListed rest;
  if (folded.empty() || !IsCounter(folded.back())) return rest;
  const Folded& counter = folded.back();
  const MoneyOut& money = counter.no_room.money;
  const auto of = [&rest](MoneyOut::Fate fate) -> Tally& {
    return fate == MoneyOut::Fate::kBack ? rest.money.back : rest.money.left;
  };
  for (const MoneyOut::Sum& sum : money.sums()) of(sum.fate).Add(sum.amount, sum.payments);
  for (const MoneyOut::Payment& one : money.payments()) {
    if (!IsListed(folded, one.key)) of(one.fate()).Add(one.amount, 1);
  }
  rest.others = counter.no_room.others;
  rest.takeovers = counter.no_room.takeovers;
  rest.uses = counter.no_room.uses;
  return rest;
}

}  // namespace tocsin::alerts
