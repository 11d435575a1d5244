#include "alerts/money_tally.h"

#include <algorithm>

#include "alerts/in_force.h"
#include "alerts/localize.h"

namespace tocsin::alerts {
namespace {

bool IsHeld(const Case& one, const MoneyOut::Payment& payment, Timestamp now) {
  if (payment.key == 0 || payment.fate() != MoneyOut::Fate::kPending) return false;
  return std::ranges::any_of(one.actions, [&](const Asked& asked) {
    return asked.kind == schemas::ActionKind::kHoldTransaction && asked.InForce(now) &&
           PaymentKey(asked.target) == payment.key;
  });
}

}  // namespace

void Tally::Add(const Money& amount, uint64_t more) {
  payments += more;
  if (amount.currency.none() || more == 0) return;
  const auto sum = std::ranges::lower_bound(sums, amount.currency, {}, &Money::currency);
  if (sum == sums.end() || sum->currency != amount.currency) {
    sums.insert(sum, amount);
  } else {
    sum->minor = SaturatingAdd(sum->minor, amount.minor);
  }
}

MoneyTally TallyOf(const Case& one, Timestamp now) {
  MoneyTally tally;
  for (const MoneyOut::Sum& sum : one.money.sums())
    (sum.fate == MoneyOut::Fate::kBack ? tally.back : tally.left).Add(sum.amount, sum.payments);
  for (const MoneyOut::Payment& payment : one.money.payments()) {
    const bool back = payment.fate() == MoneyOut::Fate::kBack;
    (back ? tally.back : IsHeld(one, payment, now) ? tally.held : tally.left).Add(payment.amount, 1);
  }
  return tally;
}

std::string SumsText(Locale locale, const Tally& tally) {
  std::string text;
  for (const Money& sum : tally.sums) {
    if (!text.empty()) text += Messages::Instance().Text(locale, "money.and");
    text += FormatMoneyFor(locale, sum);
  }
  return text;
}

std::string FormatSums(const Tally& tally) {
  std::string text;
  for (const Money& sum : tally.sums) text += (text.empty() ? "" : ", ") + FormatMoney(sum);
  return text;
}

std::string TallyText(Locale locale, const MoneyTally& tally) {
  const Messages& messages = Messages::Instance();
  std::string text;
  const auto add = [&](const Tally& part, MessageKey key) {
    if (part.payments == 0) return;
    if (!text.empty()) text += messages.Text(locale, "ticket.money.further");
    text += messages.Text(locale, key, {{"count", std::to_string(part.payments)}});
    text += messages.Text(locale, "ticket.money.sums", {{"sums", SumsText(locale, part)}});
  };
  add(tally.left, "ticket.money.left");
  add(tally.held, "ticket.money.held");
  add(tally.back, "ticket.money.back");
  return text;
}

}  // namespace tocsin::alerts
