#include "alerts/money_out.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "alerts/codec_fields.h"

namespace tocsin::alerts {

using schemas::TransactionStatus;

namespace {

constexpr size_t kFates = 3;

bool Before(const MoneyOut::Payment& a, const MoneyOut::Payment& b) {
  return std::pair(a.at, a.key) < std::pair(b.at, b.key);
}

// A sum of no room has no currency: nothing can be taken out of it.
bool Holds(const MoneyOut::Sum& sum, const Money& amount) {
  if (sum.amount.currency.none() || sum.amount.currency != amount.currency || sum.payments == 0) return false;
  return sum.payments == 1 ? sum.amount.minor == amount.minor : sum.amount.minor >= amount.minor;
}

}  // namespace

MoneyOut::Fate MoneyOut::Payment::fate() const {
  if (!Leaves(schemas::Direction::kOut, status)) return Fate::kBack;
  return status == TransactionStatus::kCompleted ? Fate::kGone : Fate::kPending;
}

bool MoneyOut::Knows(uint64_t key) const {
  return key != 0 && std::ranges::find(payments_, key, &Payment::key) != payments_.end();
}

void MoneyOut::Note(const Payment& payment) {
  auto known = payments_.end();
  if (payment.key != 0) known = std::ranges::find(payments_, payment.key, &Payment::key);
  if (known == payments_.end()) {
    known = std::ranges::find_if(payments_, [&](const Payment& one) {
      return one.key == 0 && one.amount == payment.amount && one.at <= payment.at &&
             one.fate() < payment.fate();
    });
  }
  if (known != payments_.end() || !MoveBetweenSums(payment)) {
    Payment next = payment;
    if (known != payments_.end()) {
      next = *known;
      next.key = std::max(next.key, payment.key);
      next.at = std::min(next.at, payment.at);
      if (std::pair(payment.said_at, payment.fate()) > std::pair(next.said_at, next.fate())) {
        next.said_at = payment.said_at;
        next.amount = payment.amount;
        next.status = payment.status;
      }
      payments_.erase(known);
    }
    payments_.insert(std::ranges::upper_bound(payments_, next, Before), next);
    if (payments_.size() > kPaymentsMax) MakeRoom();
  }
  // Money that was told and came back must not stand for as much that leaves afterwards.
  for (Money& told : told_) told.minor = std::min(told.minor, Left(told.currency));
}

void MoneyOut::MakeRoom() {
  const auto newest = payments_.end() - 1;
  auto goes = std::find_if(payments_.begin(), newest,
                           [](const Payment& one) { return one.fate() != Fate::kPending; });
  if (goes == newest) goes = payments_.begin();
  AddToSum(goes->amount, goes->fate());
  payments_.erase(goes);
}

void MoneyOut::AddToSum(const Money& amount, Fate fate) {
  const auto of = [&](Currency currency) {
    return std::ranges::find_if(
        sums_, [&](const Sum& sum) { return sum.fate == fate && sum.amount.currency == currency; });
  };
  auto sum = of(amount.currency);
  const bool room = sums_.size() < kSumsMax;
  if (sum == sums_.end() && !room) sum = of(Currency());
  if (sum == sums_.end())
    sum = sums_.insert(sum, {.amount = {.currency = room ? amount.currency : Currency()}, .fate = fate});
  ++sum->payments;
  if (!sum->amount.currency.none()) sum->amount.minor = SaturatingAdd(sum->amount.minor, amount.minor);
}

// What is reported of a payment that is in a sum. A first report may be taken for it; the report that it
// stands for is then taken for a first one, so that in the end each is counted once.
bool MoneyOut::MoveBetweenSums(const Payment& payment) {
  const auto from = std::ranges::find_if(sums_, [&](const Sum& sum) {
    const bool before = sum.fate == Fate::kPending
                            ? payment.fate() != Fate::kPending
                            : sum.fate == Fate::kGone && payment.status == TransactionStatus::kReversed;
    return before && Holds(sum, payment.amount);
  });
  if (from == sums_.end()) return false;
  --from->payments;
  from->amount.minor -= payment.amount.minor;
  AddToSum(payment.amount, payment.fate());
  return true;
}

uint64_t MoneyOut::CountLeft() const {
  auto count = static_cast<uint64_t>(
      std::ranges::count_if(payments_, [](const Payment& one) { return one.fate() != Fate::kBack; }));
  for (const Sum& sum : sums_) count += sum.fate == Fate::kBack ? 0 : sum.payments;
  return count;
}

int64_t MoneyOut::Left(Currency currency) const {
  int64_t left = 0;
  const auto add = [&](const Money& amount, Fate fate) {
    if (amount.currency == currency && fate != Fate::kBack) left = SaturatingAdd(left, amount.minor);
  };
  for (const Payment& one : payments_) add(one.amount, one.fate());
  for (const Sum& sum : sums_) add(sum.amount, sum.fate);
  return left;
}

void MoneyOut::MarkTold() {
  const auto mark = [this](Currency currency) {
    auto told = std::ranges::find(told_, currency, &Money::currency);
    if (told == told_.end() && told_.size() >= kSumsMax) return;
    if (told == told_.end()) told = told_.insert(told, {.currency = currency});
    told->minor = Left(currency);
  };
  for (const Payment& one : payments_) mark(one.amount.currency);
  for (const Sum& sum : sums_) mark(sum.amount.currency);
}

bool MoneyOut::DoubledSinceTold(Currency currency) const {
  const auto told = std::ranges::find(told_, currency, &Money::currency);
  if (told == told_.end() && told_.size() >= kSumsMax) return false;  // Nobody could note that it was told.
  const int64_t before = told == told_.end() ? 0 : told->minor;
  return Left(currency) > before && Left(currency) - before >= before;
}

void MoneyOut::Encode(ByteWriter& writer) const {
  writer.Bool(begun());
  if (!begun()) return;
  writer.Signed(ToMillis(since_));
  writer.Varint(payments_.size());
  for (const Payment& one : payments_) {
    writer.Fixed64(one.key);
    writer.Signed(ToMillis(one.at));
    writer.Signed(ToMillis(one.said_at));
    WriteMoney(one.amount, writer);
    writer.Byte(static_cast<uint8_t>(one.status));
  }
  writer.Varint(sums_.size());
  for (const Sum& sum : sums_) {
    WriteMoney(sum.amount, writer);
    writer.Byte(static_cast<uint8_t>(sum.fate));
    writer.Varint(sum.payments);
  }
  writer.Varint(told_.size());
  for (const Money& told : told_) WriteMoney(told, writer);
}

bool MoneyOut::Decode(ByteReader& reader, MoneyOut& into) {
  if (!reader.Bool()) return reader.ok();
  into.since_ = ReadTime(reader);
  const size_t payments = reader.Count();
  if (!into.begun() || payments > kPaymentsMax) reader.Fail();
  for (size_t i = 0; i < payments && reader.ok(); ++i) {
    Payment& one = into.payments_.emplace_back();
    one.key = reader.Fixed64();
    one.at = ReadTime(reader);
    one.said_at = ReadTime(reader);
    one.amount = ReadMoney(reader);
    const uint8_t status = reader.Byte();
    if (status > static_cast<uint8_t>(TransactionStatus::kReversed)) reader.Fail();
    if (reader.ok()) one.status = static_cast<TransactionStatus>(status);
  }
  if (!std::ranges::is_sorted(into.payments_, Before)) reader.Fail();
  const size_t sums = reader.Count();
  if (sums > kSumsMax + kFates) reader.Fail();
  for (size_t i = 0; i < sums && reader.ok(); ++i) {
    Sum& sum = into.sums_.emplace_back();
    sum.amount = ReadMoney(reader);
    const uint8_t fate = reader.Byte();
    if (fate >= kFates) reader.Fail();
    if (reader.ok()) sum.fate = static_cast<Fate>(fate);
    sum.payments = reader.Varint();
  }
  const size_t told = reader.Count();
  if (told > kSumsMax) reader.Fail();
  for (size_t i = 0; i < told && reader.ok(); ++i) into.told_.push_back(ReadMoney(reader));
  return reader.ok();
}

}  // namespace tocsin::alerts
