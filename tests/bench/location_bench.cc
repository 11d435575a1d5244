// What location and device detectors cost on what nearly all events are: a login of an account that knows its
// place, its network and its device.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "detectors/anonymous_network.h"
#include "detectors/detector_set.h"
#include "detectors/impossible_travel.h"
#include "detectors/learning/learn_devices.h"
#include "detectors/learning/learn_networks.h"
#include "detectors/learning/learn_places.h"
#include "detectors/learning/learn_population.h"
#include "detectors/new_country.h"
#include "detectors/new_device.h"
#include "detectors/new_network.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::EventBuilder;
using test::kNoon;

// A new id of the same length, without allocating: the decoder does it as cheaply.
void Renumber(schemas::Event& event, uint64_t number) {
  std::array<char, 36> id{};
  std::copy_n("0190f3a2-7b1c-7d3e-8f40-000000000000", id.size(), id.begin());
  for (size_t i = id.size(); number != 0 && i > 24; number /= 10)
    id[--i] = static_cast<char>('0' + number % 10);
  event.event_id.Assign({id.data(), id.size()});
}

struct Five {
  ImpossibleTravel impossible_travel{{}};
  NewCountry new_country{{}};
  NewNetwork new_network{{}};
  AnonymousNetwork anonymous_network{{}};
  NewDevice new_device{{}};

  void Evaluate(const schemas::Event& event, const AccountState& state, const Context& context,
                DetectionResult& result) const {
    result.verdicts[0] = impossible_travel.Evaluate(event, state, context);
    result.verdicts[1] = new_country.Evaluate(event, state, context);
    result.verdicts[2] = new_network.Evaluate(event, state, context);
    result.verdicts[3] = anonymous_network.Evaluate(event, state, context);
    result.verdicts[4] = new_device.Evaluate(event, state, context);
  }
};

void BM_KnownLogin(benchmark::State& bench) {
  test::SettledAccount account;
  AccountState& state = account.state();
  Population population;
  const LimitTable limits;
  const LearningConfig learning;
  const Context context{.population = population, .limits = limits, .learning = learning};
  const Five detectors;
  DetectionResult result;
  schemas::Event event = EventBuilder("0190f3a2-7b1c-7d3e-8f40-123456789abc", kNoon);
  const auto step = std::chrono::seconds(bench.range(0));
  const bool learns = bench.range(1) != 0;
  uint64_t number = 0;
  for (auto _ : bench) {
    if (learns)
      event.occurred_at += step;  // Without learning, time would soon make the account a stranger to itself.
    Renumber(event, ++number);
    detectors.Evaluate(event, state, context, result);
    benchmark::DoNotOptimize(result);
    if (!learns) continue;
    LearnPlaces(event, result, false, context, state);
    LearnNetworks(event, false, context, state);
    LearnDevices(event, false, context, state);
    LearnPopulation(event, state, population);
  }
  bench.SetItemsProcessed(bench.iterations());
}
// Seconds between two logins (minutes: one sitting; a day: every habit counts), and whether the account
// learns.
BENCHMARK(BM_KnownLogin)->ArgNames({"seconds", "learns"})->Args({600, 0})->Args({600, 1})->Args({86400, 1});

// The same from a city of its own that is 500 km from the last use: the distance has to be worked out.
void BM_KnownLoginElsewhere(benchmark::State& bench) {
  test::SettledAccount account;
  AccountState& state = account.state();
  Population population;
  const LimitTable limits;
  const LearningConfig learning;
  const Context context{.population = population, .limits = limits, .learning = learning};
  const Five detectors;
  DetectionResult result;
  schemas::Event event = EventBuilder("now", kNoon + 2h).From(test::kMunich).Address("81.2.69.77");
  for (auto _ : bench) {
    detectors.Evaluate(event, state, context, result);
    benchmark::DoNotOptimize(result);
  }
  bench.SetItemsProcessed(bench.iterations());
}
BENCHMARK(BM_KnownLoginElsewhere);

void BM_EncodePlaces(benchmark::State& bench) {
  test::SettledAccount account;
  std::string bytes;
  for (auto _ : bench) {
    bytes.clear();
    account.state().EncodeSegment(Segment::kPlaces, bytes);
    benchmark::DoNotOptimize(bytes);
  }
  bench.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK(BM_EncodePlaces);

}  // namespace
}  // namespace tocsin::detectors
