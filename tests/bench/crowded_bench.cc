// What an event costs of an account that is as crowded as its owner can make it: all detectors and learners.
// The argument is how many payments the account remembers; twice as many may cost twice as much, and not four
// times.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <string>

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
const Currency kEuro = *Currency::Find("EUR");

LimitTable Limits() {
  LimitTable table;
  table.limits = {{.name = "single", .max = Money{500'000, kEuro}},
                  {.name = "week",
                   .window = Limit::Window::kCalendar,
                   .unit = CalendarUnit::kWeek,
                   .max = Money{9'000'000'000, kEuro}}};
  table.rates = {{.base = *Currency::Find("SGD"), .quote = kEuro, .mantissa = 68, .scale = 2}};
  return table;
}

// No two events have anything in common: not the device, the address, the payee, the amount.
class Crowd {
 public:
  explicit Crowd(int64_t payments) : detectors_(DetectorConfigs{}), limits_(Limits()) {
    pause_ = std::chrono::duration_cast<Millis>(MoneyHistory::kEntriesKept) / std::max<int64_t>(payments, 1);
    for (int i = 0; i < 20; ++i) Step(EventBuilder("", kBegin), 12h);  // The owner.
    // What it remembers: a ladder that leads up to the limit again and again, drop by drop.
    for (int64_t i = 0; i < payments; ++i) Pay();
  }

  void Pay() {
    EventBuilder builder("", kBegin);
    char text[40];
    std::snprintf(text, sizeof text, "%d.%d.%d.%d", 20 + static_cast<int>(count_ / 65'536 % 90),
                  static_cast<int>(count_ / 256 % 256), static_cast<int>(count_ % 256), 7);
    builder.Address(text);
    std::snprintf(text, sizeof text, "stranger-%llu", count_);
    builder.event().facts.device.id = text;
    const auto minor = static_cast<int64_t>(475'000 + count_ % 25'000);
    builder.Paid("", {minor, kEuro}).To(text, schemas::CounterpartyType::kPerson);
    Step(builder.event(), pause_);
  }
  void Login() {
    EventBuilder builder("", kBegin);
    char text[40];
    std::snprintf(text, sizeof text, "stranger-%llu", count_);
    builder.event().facts.device.id = text;
    Step(builder.event(), 10ms);  // None of the payments leaves for it.
  }

  [[nodiscard]] const AccountState& state() const { return state_; }

 private:
  void Step(Event event, Millis pause) {
    now_ += pause;
    char id[40];
    std::snprintf(id, sizeof id, "0b6f7c1e-9d2a-4c3b-8e5f-%012llu", ++count_);
    event.event_id.Assign(id);
    event.occurred_at = now_;
    if (auto* transaction = std::get_if<schemas::Transaction>(&event.payload))
      transaction->transaction_id = id;
    const Context context{.population = population_, .limits = limits_, .learning = learning_};
    detectors_.Evaluate(event, state_, context, result_);
    Learn(event, result_, context, state_, population_);
  }

  DetectorSet detectors_;
  LimitTable limits_;
  LearningConfig learning_;
  Population population_;
  AccountState state_;
  DetectionResult result_;
  Millis pause_{};
  Timestamp now_ = kBegin;
  unsigned long long count_ = 0;
};

void CrowdedPayment(benchmark::State& state) {
  Crowd crowd(state.range(0));
  for (auto _ : state) crowd.Pay();
  state.counters["memory"] = static_cast<double>(crowd.state().ByteSize());
  state.SetComplexityN(state.range(0));
}
void CrowdedLogin(benchmark::State& state) {
  Crowd crowd(state.range(0));
  for (auto _ : state) crowd.Login();
  state.SetComplexityN(state.range(0));
}
BENCHMARK(CrowdedPayment)->RangeMultiplier(2)->Range(250, 8000)->Complexity(benchmark::oN);
BENCHMARK(CrowdedLogin)->RangeMultiplier(2)->Range(250, 8000)->Complexity(benchmark::oN);

}  // namespace
}  // namespace tocsin::detectors
