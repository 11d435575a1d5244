// The money part of a transaction: the three detectors and the learner, for an ordinary account (20
// transactions listed, 5 limits) and for one that is as busy as the bounds allow.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "detectors/limit_approach.h"
#include "detectors/limit_breach.h"
#include "detectors/unusual_amount.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::MoneyAccount;
using test::MoneyOf;

constexpr Timestamp kNoon = FromMillis(1773230400000);

// Limits that stay far away: what is measured is the ordinary, clear answer.
LimitTable FiveLimits() {
  const Money max = MoneyOf("CNY 9000000000");
  LimitTable table;
  table.limits = {
      {.name = "single",
       .kinds = {schemas::TransactionKind::kTransfer, schemas::TransactionKind::kPayment},
       .max = max},
      {.name = "daily-out",
       .direction = schemas::Direction::kOut,
       .window = Limit::Window::kRolling,
       .rolling = 24h,
       .max = max,
       .warn_at = 0.8},
      {.name = "daily-count",
       .direction = schemas::Direction::kOut,
       .window = Limit::Window::kCalendar,
       .unit = CalendarUnit::kDay,
       .max_count = 100000000,
       .warn_at = 0.8},
      {.name = "month", .window = Limit::Window::kCalendar, .unit = CalendarUnit::kMonth, .max = max},
      {.name = "abroad",
       .cross_border = true,
       .window = Limit::Window::kCalendar,
       .unit = CalendarUnit::kMonth,
       .max = max},
  };
  return table;
}

// `count` payments over four days, up to an hour before kNoon.
MoneyAccount Account(int count) {
  MoneyAccount account{.limits = FiveLimits()};
  account.state.MutableProfile().owner = {.timezone = "Asia/Shanghai", .country = "CN", .tier = "basic"};
  const Millis apart = Millis(95h) / std::max(count, 1);
  for (int i = 0; i < count; ++i) {
    char id[37];
    std::snprintf(id, sizeof id, "%08x-6f3e-4a3f-9d6c-0123456789ab", static_cast<unsigned>(i) * 2654435761U);
    account.Learn({.id = id,
                   .at = kNoon - 96h + i * apart,
                   .amount = "CNY " + std::to_string(i % 100 + 1),
                   .country = i % 5 == 0 ? "US" : "CN"});
  }
  return account;
}

schemas::Event Payment(Timestamp at) {
  return test::Build(
      {.id = "0b9c5a52-6f3e-4a3f-9d6c-0123456789ab", .at = at, .amount = "CNY 23.45", .country = "CN"});
}

template <class Detector>
void Evaluate(benchmark::State& state, Timestamp at) {
  const MoneyAccount account = Account(static_cast<int>(state.range(0)));
  const Detector detector{{}};
  const schemas::Event event = Payment(at);
  const Context context = account.context();
  for (auto _ : state) benchmark::DoNotOptimize(detector.Evaluate(event, account.state, context));
}
void LimitBreachOfTheNewest(benchmark::State& state) { Evaluate<LimitBreach>(state, kNoon); }
void LimitApproachOfTheNewest(benchmark::State& state) { Evaluate<LimitApproach>(state, kNoon); }
void UnusualAmountOfTheNewest(benchmark::State& state) { Evaluate<UnusualAmount>(state, kNoon); }
// Two days late: what came after is judged again.
void LimitBreachOfALateOne(benchmark::State& state) { Evaluate<LimitBreach>(state, kNoon - 48h); }
BENCHMARK(LimitBreachOfTheNewest)->Arg(0)->Arg(20)->Arg(8000);
BENCHMARK(LimitApproachOfTheNewest)->Arg(20)->Arg(8000);
BENCHMARK(UnusualAmountOfTheNewest)->Arg(20)->Arg(8000);
BENCHMARK(LimitBreachOfALateOne)->Arg(20)->Arg(8000);

// Steady: each new payment makes the oldest leave.
void LearnAPayment(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  MoneyAccount account = Account(count);
  const Millis apart = std::chrono::duration_cast<Millis>(MoneyHistory::kEntriesKept) / count;
  schemas::Event event = Payment(kNoon);
  std::string& id = std::get<schemas::Transaction>(event.payload).transaction_id;
  uint64_t i = 0;
  for (auto _ : state) {
    ++i;
    id[0] = static_cast<char>('a' + i % 16);
    id[1] = static_cast<char>('a' + i / 16 % 16);
    id[2] = static_cast<char>('a' + i / 256 % 16);
    id[3] = static_cast<char>('a' + i / 4096 % 16);
    event.occurred_at += apart;
    account.Learn(event);
  }
}
BENCHMARK(LearnAPayment)->Arg(20)->Arg(8000);

void EncodeMoney(benchmark::State& state) {
  const MoneyAccount account = Account(static_cast<int>(state.range(0)));
  std::string bytes;
  for (auto _ : state) {
    bytes.clear();
    ByteWriter writer(bytes);
    account.state.money().Encode(writer);
    benchmark::DoNotOptimize(bytes.data());
  }
  state.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK(EncodeMoney)->Arg(20)->Arg(8000);

void DecodeMoney(benchmark::State& state) {
  const MoneyAccount account = Account(static_cast<int>(state.range(0)));
  std::string bytes;
  ByteWriter writer(bytes);
  account.state.money().Encode(writer);
  for (auto _ : state) {
    MoneyHistory money;
    ByteReader reader(bytes);
    benchmark::DoNotOptimize(MoneyHistory::Decode(reader, MoneyHistory::kVersion, money));
  }
}
BENCHMARK(DecodeMoney)->Arg(20)->Arg(8000);

}  // namespace
}  // namespace tocsin::detectors
