#include "alerts/money_tally.h"

#include <algorithm>

#include "alerts/in_force.h"
#include "alerts/localize.h"

namespace tocsin::alerts {
namespace {

void Add(const Money& amount, uint64_t payments, Tally& tally) {
  tally.payments += payments;
  if (amount.currency.none() || payments == 0) return;
  const auto sum = std::ranges::lower_bound(tally.sums, amount.currency, {}, &Money::currency);
  if (sum == tally.sums.end() || sum->currency != amount.currency) {
    tally.sums.insert(sum, amount);
  } else {
    sum->minor = SaturatingAdd(sum->minor, amount.minor);
  }
}

bool IsHeld(const Case& one, const MoneyOut::Payment& payment, Timestamp now) {
  if (payment.key == 0 || payment.fate() != MoneyOut::Fate::kPending) return false;
  return std::ranges::any_of(one.actions, [&](const Asked& asked) {
    return asked.kind == schemas::ActionKind::kHoldTransaction && asked.InForce(now) &&
           PaymentKey(asked.target) == payment.key;
  });
}

}  // namespace

MoneyTally TallyOf(const Case& one, Timestamp now) {
  MoneyTally tally;
  for (const MoneyOut::Sum& sum : one.money.sums())
    Add(sum.amount, sum.payments, sum.fate == MoneyOut::Fate::kBack ? tally.back : tally.left);
  for (const MoneyOut::Payment& payment : one.money.payments()) {
    const bool back = payment.fate() == MoneyOut::Fate::kBack;
    Add(payment.amount, 1, back ? tally.back : IsHeld(one, payment, now) ? tally.held : tally.left);
  }
  return tally;
}

std::string TallyText(Locale locale, const MoneyTally& tally) {
  const Messages& messages = Messages::Instance();
  std::string text;
  const auto add = [&](const Tally& part, MessageKey key) {
    if (part.payments == 0) return;
    std::string sums;
    for (const Money& sum : part.sums) {
      if (!sums.empty()) sums += messages.Text(locale, "ticket.money.and");
      sums += FormatMoneyFor(locale, sum);
    }
    if (!text.empty()) text += messages.Text(locale, "ticket.money.further");
    text += messages.Text(locale, key, {{"count", std::to_string(part.payments)}});
    text += messages.Text(locale, "ticket.money.sums", {{"sums", sums}});
  };
  add(tally.left, "ticket.money.left");
  add(tally.held, "ticket.money.held");
  add(tally.back, "ticket.money.back");
  return text;
}

}  // namespace tocsin::alerts
