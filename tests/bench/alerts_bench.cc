// The decision over one event: of an account without a case (nearly all), with one, and when people are told.
#include <benchmark/benchmark.h>

#include <string>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;

void NextEvent(schemas::Event& event, int& number, Millis later) {
  event.occurred_at += later;
  event.event_id.Assign("0190a1b2-c3d4-7e5f-8a9b-" + std::to_string(100'000'000'000 + ++number));
}

void QuietAccount(benchmark::State& state) {
  Scenario s;
  schemas::Event event = s.Login(kNoon);
  const Judged judged{event, {}, {}, s.owner, s.previous};
  int number = 0;
  for (auto _ : state) {
    NextEvent(event, number, 3h);
    s.decider.Decide(judged, event.occurred_at, s.file, s.decision);
    benchmark::DoNotOptimize(s.decision.risk);
  }
}
BENCHMARK(QuietAccount);

// What QuietAccount spends on making its events.
void OnlyTheEvent(benchmark::State& state) {
  Scenario s;
  schemas::Event event = s.Login(kNoon);
  int number = 0;
  for (auto _ : state) {
    NextEvent(event, number, 3h);
    benchmark::DoNotOptimize(event);
  }
}
BENCHMARK(OnlyTheEvent);

void AccountWithACase(benchmark::State& state) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Travel(), NewDevice()});
  schemas::Event event = s.Login(kNoon);
  const Judged judged{event, {}, {}, s.owner, s.previous};
  int number = 0;
  for (auto _ : state) {
    NextEvent(event, number, 1ms);  // The case stays open, its timeline full.
    s.decider.Decide(judged, event.occurred_at, s.file, s.decision);
    benchmark::DoNotOptimize(s.decision.risk);
  }
}
BENCHMARK(AccountWithACase);

// A finding, its case, a ticket, an action and a notice in text and HTML.
void NoticeAndTicket(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    Scenario s;
    s.owner.locale = state.range(0) == 0 ? "en" : "zh-CN";
    const schemas::Event event = s.Login(kNoon);
    state.ResumeTiming();
    benchmark::DoNotOptimize(s.Decide(event, {Travel()}).notices.data());
  }
}
BENCHMARK(NoticeAndTicket)->Arg(0)->Arg(1);

}  // namespace
}  // namespace tocsin::alerts::testing
