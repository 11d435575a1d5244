// All detectors and all learners over one event, and the account's segments to bytes and back. Their budget
// together is half of the 4 µs an event has.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <string>
#include <utility>

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_set.h"
#include "detectors/learning/learning.h"
#include "detectors/limits/limit.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Event;
using test::EventBuilder;

constexpr Timestamp kBegin = FromMillis(1'772'366'400'000);

LimitTable Limits() {
  LimitTable table;
  const Currency eur = *Currency::Find("EUR");
  Limit single{.name = "single", .max = Money{500'000, eur}};
  Limit day{.name = "daily-out",
            .direction = schemas::Direction::kOut,
            .window = Limit::Window::kRolling,
            .rolling = 24h,
            .max = Money{1'000'000, eur},
            .warn_at = 0.8};
  Limit month{.name = "month-out",
              .direction = schemas::Direction::kOut,
              .window = Limit::Window::kCalendar,
              .unit = CalendarUnit::kMonth,
              .max = Money{9'000'000, eur}};
  table.limits = {single, day, month};
  return table;
}

// An account two months old: 240 logins and 120 payments, two devices, home line and mobile network.
class Life {
 public:
  Life() : detectors_(DetectorConfigs{}), limits_(Limits()) {
    login_ = EventBuilder("", kBegin);
    mobile_ = EventBuilder("", kBegin).Via(test::kMobile).With(test::kLaptop);
    payment_ = EventBuilder("", kBegin).Paid("", {2'350, *Currency::Find("EUR")});
    failure_ = EventBuilder("", kBegin).Failed().Via(test::kOtherLine).With(test::kStranger);
    for (int i = 0; i < 120; ++i) {
      Step(login_);
      Step(i < 3 ? login_ : mobile_);
      Step(payment_);
    }
  }

  void Step(Event& event, Millis pause = 4h) {
    now_ += pause;
    char id[40];
    std::snprintf(id, sizeof id, "0b6f7c1e-9d2a-4c3b-8e5f-%012llu", ++count_);
    event.event_id.Assign(id);
    event.occurred_at = now_;
    if (auto* transaction = std::get_if<schemas::Transaction>(&event.payload))
      transaction->transaction_id = id;
    const Context context{.population = population_, .limits = limits_, .learning = learning_};
    detectors_.Evaluate(event, state_, context, result_);
    benchmark::DoNotOptimize(result_.AnyAlert());
    Learn(event, result_, context, state_, population_);
  }

  void Judge(Event& event) {
    event.occurred_at = now_ + 1h;
    const Context context{.population = population_, .limits = limits_, .learning = learning_};
    detectors_.Evaluate(event, state_, context, result_);
  }

  Event& login() { return login_; }
  Event& mobile() { return mobile_; }
  Event& payment() { return payment_; }
  Event& failure() { return failure_; }
  [[nodiscard]] const AccountState& state() const { return state_; }

 private:
  DetectorSet detectors_;
  LimitTable limits_;
  LearningConfig learning_;
  Population population_;
  AccountState state_;
  DetectionResult result_;
  Timestamp now_ = kBegin;
  unsigned long long count_ = 0;
  Event login_;
  Event mobile_;
  Event payment_;
  Event failure_;
};

void EvaluateLogin(benchmark::State& state) {
  Life life;
  for (auto _ : state) life.Judge(life.login());
}
BENCHMARK(EvaluateLogin);

void EvaluateTransaction(benchmark::State& state) {
  Life life;
  for (auto _ : state) life.Judge(life.payment());
}
BENCHMARK(EvaluateTransaction);

void EvaluateAndLearnLogin(benchmark::State& state) {
  Life life;
  bool mobile = false;
  for (auto _ : state) life.Step((mobile = !mobile) ? life.mobile() : life.login());
}
BENCHMARK(EvaluateAndLearnLogin);

void EvaluateAndLearnTransaction(benchmark::State& state) {
  Life life;
  for (auto _ : state) life.Step(life.payment());
}
BENCHMARK(EvaluateAndLearnTransaction);

// One failed login a second on one account: the worst that guessing does to a core.
void EvaluateAndLearnGuessing(benchmark::State& state) {
  Life life;
  for (auto _ : state) life.Step(life.failure(), 1s);
}
BENCHMARK(EvaluateAndLearnGuessing);

void EncodeAccount(benchmark::State& state) {
  const Life life;
  std::string bytes;
  for (auto _ : state) {
    bytes.clear();
    for (const Segment segment : kSegments) life.state().EncodeSegment(segment, bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
  state.counters["bytes"] = static_cast<double>(bytes.size());
  state.counters["memory"] = static_cast<double>(life.state().ByteSize());
}
BENCHMARK(EncodeAccount);

void DecodeAccount(benchmark::State& state) {
  const Life life;
  std::array<std::string, kSegments.size()> bytes;
  for (size_t i = 0; i < kSegments.size(); ++i) life.state().EncodeSegment(kSegments[i], bytes[i]);
  for (auto _ : state) {
    AccountState read;
    for (size_t i = 0; i < kSegments.size(); ++i)
      benchmark::DoNotOptimize(read.DecodeSegment(kSegments[i], bytes[i]).ok());
  }
}
BENCHMARK(DecodeAccount);

}  // namespace
}  // namespace tocsin::detectors
