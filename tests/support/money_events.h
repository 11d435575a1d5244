// Transactions for tests of money, in a line each.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/learning/learn_money.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::test {

using namespace std::chrono_literals;

inline Money MoneyOf(std::string_view text) { return ParseMoney(text).value(); }
inline Timestamp At(std::string_view text) { return ParseRfc3339(text).value(); }

struct Pay {
  std::string id;  // transaction_id, and event_id unless `event_id` says otherwise.
  Timestamp at;
  std::string amount = "CNY 100.00";
  schemas::TransactionStatus status = schemas::TransactionStatus::kCompleted;
  schemas::TransactionKind kind = schemas::TransactionKind::kPayment;
  schemas::Direction direction = schemas::Direction::kOut;
  std::optional<bool> cross_border = std::nullopt;
  std::string country;
  std::string event_id;
  std::string to;  // Counterparty.
  schemas::CounterpartyType to_type = schemas::CounterpartyType::kPerson;
  std::string balance_after;  // "CNY 40"; "" is not told.
  schemas::DeclineReason reason = schemas::DeclineReason::kNone;
  std::string card;  // Instrument; "" is the balance.
  std::string tenant;
};

inline schemas::Event Build(const Pay& pay) {
  schemas::Event event;
  event.type = schemas::EventType::kTransaction;
  event.event_id.Assign(pay.event_id.empty() ? pay.id : pay.event_id);
  event.source = "test";
  event.tenant = pay.tenant;
  event.account_id.Assign("account-1");
  event.occurred_at = pay.at;
  auto& transaction = event.payload.emplace<schemas::Transaction>();
  transaction.transaction_id = pay.id;
  transaction.kind = pay.kind;
  transaction.direction = pay.direction;
  transaction.status = pay.status;
  transaction.amount = MoneyOf(pay.amount);
  transaction.cross_border = pay.cross_border;
  transaction.counterparty.country = pay.country;
  transaction.counterparty.id = pay.to;
  transaction.counterparty.type = pay.to.empty() ? schemas::CounterpartyType::kNone : pay.to_type;
  if (!pay.balance_after.empty()) transaction.balance_after_minor = MoneyOf(pay.balance_after).minor;
  transaction.decline_reason = pay.reason;
  transaction.instrument.id = pay.card;
  transaction.instrument.type =
      pay.card.empty() ? schemas::InstrumentType::kNone : schemas::InstrumentType::kCard;
  return event;
}

// Other events of the same account.
inline schemas::Event Seen(std::string_view id, Timestamp at) {
  schemas::Event event;
  event.event_id.Assign(id);
  event.source = "test";
  event.account_id.Assign("account-1");
  event.occurred_at = at;
  event.payload.emplace<schemas::Login>().outcome = schemas::LoginOutcome::kSuccess;
  return event;
}
inline schemas::Event PayeeAdded(std::string_view id, Timestamp at, std::string payee) {
  schemas::Event event = Seen(id, at);
  event.type = schemas::EventType::kAccountChange;
  event.payload =
      schemas::AccountChange{.change = schemas::ChangeKind::kPayeeAdded, .payee_id = std::move(payee)};
  return event;
}
// Without `value`: the limit is removed.
inline schemas::Event LimitChanged(std::string_view id, Timestamp at, std::string name,
                                   std::string_view previous, std::string_view value) {
  schemas::Event event = Seen(id, at);
  event.type = schemas::EventType::kAccountChange;
  schemas::ChangedLimit limit{.name = std::move(name)};
  limit.previous_minor = MoneyOf(previous).minor;
  limit.currency = MoneyOf(previous).currency;
  if (!value.empty()) limit.value_minor = MoneyOf(value).minor;
  event.payload =
      schemas::AccountChange{.change = schemas::ChangeKind::kLimitChanged, .limit = std::move(limit)};
  return event;
}
inline schemas::Event ProfileOf(std::string_view id, Timestamp at, schemas::AccountProfile profile) {
  schemas::Event event = Seen(id, at);
  event.type = schemas::EventType::kAccountProfile;
  event.payload = std::move(profile);
  return event;
}

// One unit of each in CNY.
inline std::vector<detectors::ExchangeRate> Rates() {
  return {{.base = *Currency::Find("SGD"), .quote = *Currency::Find("CNY"), .mantissa = 5, .scale = 0},
          {.base = *Currency::Find("USD"), .quote = *Currency::Find("CNY"), .mantissa = 7, .scale = 0}};
}

// An account with its surroundings.
struct MoneyAccount {
  detectors::AccountState state = {};
  detectors::Population population = {};
  detectors::LimitTable limits = {};
  detectors::LearningConfig learning = {};

  detectors::Context context() const {
    return {.population = population, .limits = limits, .learning = learning};
  }
  void Learn(const schemas::Event& event, bool suspicious = false) {
    detectors::LearnMoney(event, suspicious, context(), state);
  }
  void Learn(const Pay& pay, bool suspicious = false) { Learn(Build(pay), suspicious); }
  // What the detector says of the event; then the account learns it.
  template <class Detector>
  detectors::Verdict Judge(const Detector& detector, const Pay& pay) {
    const schemas::Event event = Build(pay);
    detectors::Verdict verdict = detector.Evaluate(event, state, context());
    Learn(event);
    return verdict;
  }
};

// ---- Limits of a name that says their window, and an account that has one.

inline detectors::Limit Rolling(std::string_view max, Millis window = 24h) {
  return {.name = "rolling",
          .window = detectors::Limit::Window::kRolling,
          .rolling = window,
          .max = MoneyOf(max)};
}
inline detectors::Limit Calendar(CalendarUnit unit, std::string_view max) {
  return {
      .name = "calendar", .window = detectors::Limit::Window::kCalendar, .unit = unit, .max = MoneyOf(max)};
}
inline detectors::Limit Single(std::string_view max) { return {.name = "single", .max = MoneyOf(max)}; }

inline MoneyAccount With(detectors::Limit limit) {
  MoneyAccount account;
  account.limits.limits = {std::move(limit)};
  return account;
}

inline Pay Paid(Timestamp at, std::string amount) {
  return {.id = "tx" + std::to_string(ToMillis(at)), .at = at, .amount = std::move(amount)};
}
inline Pay Status(std::string id, Timestamp at, schemas::TransactionStatus status,
                  std::string amount = "CNY 60") {
  return {.id = id,
          .at = at,
          .amount = std::move(amount),
          .status = status,
          .event_id = id + std::to_string(ToMillis(at))};
}

// What is claimed of whom: "event-3 daily-out".
inline std::vector<std::string> Claimed(const detectors::Verdict& verdict) {
  std::vector<std::string> all;
  for (const auto& claim : verdict.claims()) all.push_back(claim.cause.at(0) + " " + claim.discriminator);
  return all;
}
inline std::vector<std::string> Retracted(const detectors::Verdict& verdict) {
  std::vector<std::string> all;
  for (const auto& retraction : verdict.retractions())
    all.push_back(retraction.cause.at(0) + " " + retraction.discriminator);
  return all;
}
// Evidence as text; "" when it is not there.
inline std::string EvidenceOf(const schemas::Claim& claim, std::string_view name) {
  for (const schemas::Evidence& one : claim.evidence) {
    if (one.name != name) continue;
    if (const auto* number = std::get_if<int64_t>(&one.value)) return std::to_string(*number);
    if (const auto* real = std::get_if<double>(&one.value)) return std::to_string(*real);
    return std::get<std::string>(one.value);
  }
  return {};
}

}  // namespace tocsin::test
