// What one event costs the whole catalogue of detectors, and each of them, on accounts that are in the cache:
// a generated population lives four weeks, and what the first 48 accounts do on the day after is kept as a
// worker judged it, each event with its account as it was before. No learning: they are judged again and
// again.
//
// One detector at a time costs what CatalogueOnly/TYPE/DETECTOR takes beyond CatalogueOnly/TYPE/none.
#include <benchmark/benchmark.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/check.h"
#include "daemon/config/load_config.h"
#include "daemon/detection/observer.h"
#include "daemon/generate/population.h"
#include "daemon/generate/traffic.h"
#include "detectors/detector_set.h"
#include "detectors/limits/account_limits.h"
#include "detectors/registry.h"
#include "tests/bench/answers.h"
#include "tests/bench/lived_population.h"

namespace tocsin::daemon {
namespace {

using namespace std::chrono_literals;
using detectors::DetectorConfigs;
using detectors::DetectorSet;
using detectors::LimitTable;
using schemas::EventType;
using test::Answers;

constexpr uint32_t kPopulation = 1000;  // So many that login_rarity and the quantiles of amounts answer.
constexpr uint32_t kHot = 48;
constexpr int kDays = 28;
constexpr Timestamp kLastDay = generate::TrafficOptions{}.start + 24h * kDays;

// Limits by the names that generated profiles set them by, each in the owner's currency; one that they do not
// set; and a rate for every currency that is paid in.
constexpr std::string_view kConfig = R"(
limits:
  - {name: single-transfer, kinds: [transfer], max: SGD 2500.00}
  - {name: daily-out, direction: out, window: 24h, max: SGD 5000.00, warn_at: 0.8}
  - {name: month-out, direction: out, window: month, max: SGD 50000.00}
exchange_rates:
  - {from: SGD, to: CNY, rate: 5.4, as_of: 2026-01-05}
  - {from: SGD, to: HKD, rate: 5.8, as_of: 2026-01-05}
  - {from: SGD, to: JPY, rate: 115, as_of: 2026-01-05}
  - {from: SGD, to: KRW, rate: 1030, as_of: 2026-01-05}
  - {from: SGD, to: GBP, rate: 0.58, as_of: 2026-01-05}
  - {from: SGD, to: EUR, rate: 0.68, as_of: 2026-01-05}
  - {from: SGD, to: SEK, rate: 7.8, as_of: 2026-01-05}
  - {from: SGD, to: PLN, rate: 2.9, as_of: 2026-01-05}
  - {from: SGD, to: TRY, rate: 32, as_of: 2026-01-05}
  - {from: SGD, to: USD, rate: 0.74, as_of: 2026-01-05}
  - {from: SGD, to: CAD, rate: 1.03, as_of: 2026-01-05}
  - {from: SGD, to: MXN, rate: 14.5, as_of: 2026-01-05}
  - {from: SGD, to: BRL, rate: 4.2, as_of: 2026-01-05}
  - {from: SGD, to: INR, rate: 65, as_of: 2026-01-05}
  - {from: SGD, to: AED, rate: 2.7, as_of: 2026-01-05}
  - {from: SGD, to: KES, rate: 96, as_of: 2026-01-05}
  - {from: SGD, to: ZAR, rate: 13.6, as_of: 2026-01-05}
  - {from: SGD, to: AUD, rate: 1.13, as_of: 2026-01-05}
  - {from: SGD, to: NZD, rate: 1.24, as_of: 2026-01-05}
  - {from: SGD, to: RUB, rate: 68, as_of: 2026-01-05}
  - {from: SGD, to: NGN, rate: 1150, as_of: 2026-01-05}
detectors:
  high_risk_country: {countries: "KP, IR"}
)";

struct Judged {
  schemas::Event event;
  detectors::AccountState before;
  const LimitTable* limits = nullptr;  // In the account's own currencies.
  bool case_open = false;
};

class Recorder final : public DetectionObserver {
 public:
  explicit Recorder(const LimitTable& limits) : limits_(limits) {}

  [[nodiscard]] bool WantsStateBefore(const schemas::Event& event) override {
    return event.occurred_at >= kLastDay && event.account_id.view() < beyond_;
  }
  void Saw(const Observed& observed) override {
    if (observed.before == nullptr) return;
    const schemas::Event& event = observed.event;
    const auto [own, is_new] = own_.try_emplace(event.account_id.str());
    if (is_new) {
      const schemas::AccountProfile& owner = observed.before->profile().OwnerAt(event.occurred_at);
      own->second = detectors::InOwnCurrencies(limits_, owner).value_or(limits_);
    }
    judged.push_back({event, *observed.before, &own->second, observed.case_was_open});
  }

  std::vector<Judged> judged;

 private:
  const LimitTable& limits_;
  const std::string beyond_ = generate::AccountName(kHot);
  std::map<std::string, LimitTable> own_;  // By account; where they are, they stay.
};

struct Hot {
  const RulesConfig rules = [] {
    const LoadedConfig loaded = ParseConfig(kConfig, ".");
    CHECK(loaded.valid());
    return loaded.config.rules;
  }();
  Recorder recorder{rules.limits};
  detectors::Population population;
  std::string silent;

  Hot() {
    const LivedPopulation lived(kPopulation, kDays + 1, 1, false, kConfig, &recorder);
    CHECK(population.Decode(lived.counts));
    Answers logins;
    Answers transactions;
    Answers all;
    const DetectorSet set(rules.detectors);
    detectors::DetectionResult result;
    for (const Judged& one : recorder.judged) {
      Judge(one, set, result);
      all.Take(one.event, result);
      if (one.event.type == EventType::kLogin) logins.Take(one.event, result);
      if (one.event.type == EventType::kTransaction) transactions.Take(one.event, result);
    }
    logins.CheckAll();
    transactions.CheckAll();
    silent = all.Silent();
  }

  void Judge(const Judged& one, const DetectorSet& set, detectors::DetectionResult& result) const {
    const detectors::Context context{.population = population,
                                     .limits = *one.limits,
                                     .learning = rules.learning,
                                     .case_open = one.case_open};
    set.Evaluate(one.event, one.before, context, result);
  }

  static const Hot& Get() {
    static const Hot hot;
    return hot;
  }
};

std::vector<const Judged*> EventsOf(std::optional<EventType> type) {
  std::vector<const Judged*> chosen;
  for (const Judged& one : Hot::Get().recorder.judged) {
    if (!type || one.event.type == *type) chosen.push_back(&one);
  }
  CHECK(!chosen.empty());
  return chosen;
}

// Over the events of one type, or over all of them as they come.
void Judge(benchmark::State& state, const DetectorSet& set, std::optional<EventType> type) {
  const Hot& hot = Hot::Get();
  const std::vector<const Judged*> chosen = EventsOf(type);
  detectors::DetectionResult result;
  Answers answers;
  size_t bytes = 0;
  for (const Judged* const one : chosen) {
    hot.Judge(*one, set, result);
    answers.Take(one->event, result);
    bytes += one->before.ByteSize();
  }
  size_t next = 0;
  for (auto _ : state) {
    hot.Judge(*chosen[next], set, result);
    benchmark::DoNotOptimize(result.verdicts.data());
    if (++next == chosen.size()) next = 0;
  }
  state.counters["events"] = static_cast<double>(chosen.size());
  state.counters["alerts"] = answers.alert_share();
  state.counters["memory"] = static_cast<double>(bytes);
}

void JudgeAll(benchmark::State& state, std::optional<EventType> type) {
  const Hot& hot = Hot::Get();
  state.SetLabel("no answer: " + hot.silent);
  Judge(state, DetectorSet(hot.rules.detectors), type);
}

void Catalogue(benchmark::State& state) { JudgeAll(state, std::nullopt); }
BENCHMARK(Catalogue);
void CatalogueLogins(benchmark::State& state) { JudgeAll(state, EventType::kLogin); }
BENCHMARK(CatalogueLogins);
void CatalogueTransactions(benchmark::State& state) { JudgeAll(state, EventType::kTransaction); }
BENCHMARK(CatalogueTransactions);

// Before the detectors are asked, a worker makes the limits of the account, once an event.
void CatalogueOwnLimits(benchmark::State& state) {
  const Hot& hot = Hot::Get();
  const std::vector<const Judged*> chosen = EventsOf(std::nullopt);
  size_t next = 0;
  for (auto _ : state) {
    const Judged& one = *chosen[next];
    if (++next == chosen.size()) next = 0;
    benchmark::DoNotOptimize(
        detectors::InOwnCurrencies(hot.rules.limits, one.before.profile().OwnerAt(one.event.occurred_at)));
  }
}
BENCHMARK(CatalogueOwnLimits);

// One detector at a time; "none" is what asking all of them in vain costs.
DetectorConfigs Only(size_t wanted) {
  DetectorConfigs configs = Hot::Get().rules.detectors;
  size_t index = 0;
  std::apply([&](auto&... configured) { ((configured.options.enabled = index++ == wanted), ...); }, configs);
  return configs;
}

const bool kEachRegistered = [] {
  const auto catalogue = detectors::Catalogue();
  const auto add = [](const std::string& name, size_t index, EventType type) {
    benchmark::RegisterBenchmark(("CatalogueOnly/" + name).c_str(), [index, type](benchmark::State& state) {
      Judge(state, DetectorSet(Only(index)), type);
    });
  };
  const auto add_all = [&](const std::string& name, EventType type) {
    add(name + "/none", catalogue.size(), type);
    for (size_t i = 0; i < catalogue.size(); ++i) {
      if ((catalogue[i].events & detectors::Mask(type)) != 0)
        add(name + "/" + std::string(catalogue[i].id), i, type);
    }
  };
  add_all("login", EventType::kLogin);
  add_all("transaction", EventType::kTransaction);
  return true;
}();

}  // namespace
}  // namespace tocsin::daemon
