// What one event costs the whole catalogue of detectors, on accounts that are in the cache: 32 generated
// accounts after 28 days, and the events of their next day, enriched. No learning: each event is judged on
// the same state.
#include <benchmark/benchmark.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/check.h"
#include "daemon/engine/state_table.h"
#include "detectors/detector_set.h"
#include "detectors/registry.h"
#include "tests/bench/lived_population.h"

namespace tocsin::daemon {
namespace {

using namespace std::chrono_literals;
using detectors::DetectorConfigs;
using detectors::DetectorSet;
using detectors::Limit;

constexpr uint32_t kAccounts = 32;

detectors::LimitTable Limits() {
  const Currency eur = *Currency::Find("EUR");
  detectors::LimitTable table;
  table.limits = {{.name = "single", .max = Money{500'000, eur}},
                  {.name = "day-out",
                   .direction = schemas::Direction::kOut,
                   .window = Limit::Window::kRolling,
                   .rolling = 24h,
                   .max = Money{1'000'000, eur},
                   .warn_at = 0.8},
                  {.name = "month-out",
                   .direction = schemas::Direction::kOut,
                   .window = Limit::Window::kCalendar,
                   .unit = CalendarUnit::kMonth,
                   .max = Money{9'000'000, eur}}};
  return table;
}

struct Hot {
  std::vector<Account> accounts;
  std::vector<schemas::Event> events;
  std::vector<size_t> account_of;  // Of each event.
  detectors::Population population;
  detectors::LimitTable limits = Limits();
  detectors::LearningConfig learning;

  Hot() {
    const LivedPopulation lived(kAccounts, 28, 1, false);
    CHECK(population.Decode(lived.counts));
    accounts = std::vector<Account>(lived.states.size());
    for (size_t i = 0; i < accounts.size(); ++i) CHECK(DecodeState(*lived.states[i].value, accounts[i]));
    WorkerMetrics metrics;
    const auto detection = MakeDetection(metrics);
    schemas::EventDecoder decoder;
    for (const std::string& line : lived.next_day) {
      const schemas::Record record{.topic = "events", .appended_at = kTimestampMax, .value = line};
      schemas::Event event;
      CHECK(decoder.Decode(record, event));
      detection->enricher().Enrich(event);
      for (size_t i = 0; i < accounts.size(); ++i) {
        if (lived.states[i].key != event.account_id.view()) continue;
        events.push_back(event);
        account_of.push_back(i);
        break;
      }
    }
  }

  static const Hot& Get() {
    static const Hot hot;
    return hot;
  }
};

// Over the events of one type, or over all of them as they come.
void Judge(benchmark::State& state, const DetectorSet& set, std::optional<schemas::EventType> type) {
  const Hot& hot = Hot::Get();
  std::vector<size_t> chosen;
  for (size_t i = 0; i < hot.events.size(); ++i) {
    if (!type || hot.events[i].type == *type) chosen.push_back(i);
  }
  CHECK(!chosen.empty());
  const detectors::Context context{
      .population = hot.population, .limits = hot.limits, .learning = hot.learning};
  detectors::DetectionResult result;
  size_t next = 0;
  for (auto _ : state) {
    const size_t i = chosen[next];
    if (++next == chosen.size()) next = 0;
    set.Evaluate(hot.events[i], hot.accounts[hot.account_of[i]].detection, context, result);
    benchmark::DoNotOptimize(result.verdicts.data());
  }
  state.counters["events"] = static_cast<double>(chosen.size());
}

void Catalogue(benchmark::State& state) { Judge(state, DetectorSet(DetectorConfigs{}), std::nullopt); }
BENCHMARK(Catalogue);
void CatalogueLogins(benchmark::State& state) {
  Judge(state, DetectorSet(DetectorConfigs{}), schemas::EventType::kLogin);
}
BENCHMARK(CatalogueLogins);
void CatalogueTransactions(benchmark::State& state) {
  Judge(state, DetectorSet(DetectorConfigs{}), schemas::EventType::kTransaction);
}
BENCHMARK(CatalogueTransactions);

// One detector at a time; "none" is what asking all of them in vain costs.
DetectorConfigs Only(size_t wanted) {
  DetectorConfigs configs;
  size_t index = 0;
  std::apply([&](auto&... configured) { ((configured.options.enabled = index++ == wanted), ...); }, configs);
  return configs;
}

const bool kEachRegistered = [] {
  const auto add = [](std::string_view name, size_t index) {
    benchmark::RegisterBenchmark(
        std::string("CatalogueOnly/").append(name).c_str(),
        [index](benchmark::State& state) { Judge(state, DetectorSet(Only(index)), std::nullopt); });
  };
  const auto catalogue = detectors::Catalogue();
  add("none", catalogue.size());
  for (size_t i = 0; i < catalogue.size(); ++i) add(catalogue[i].id, i);
  return true;
}();

}  // namespace
}  // namespace tocsin::daemon
