// All detectors and all learners over one event, and the account's segments to bytes and back. Their budget
// together is half of the 4 µs an event has.
//
// Each event is new to the account and can be judged by every detector that looks at its type, which is
// checked before anything is timed. Only what differs from one event to the next is prepared, and put into
// one event that stays in the cache, as a worker decodes into one: EvaluateNothing tells what that takes.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/check.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_set.h"
#include "detectors/learning/learning.h"
#include "detectors/limits/limit.h"
#include "tests/bench/answers.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Event;
using test::Answers;
using test::EventBuilder;

constexpr Timestamp kBegin = FromMillis(1'772'323'200'000);  // 2026-03-01T00:00:00Z
constexpr int kDays = 60;
// The owner's day, in UTC. Payments follow what is done on the phone.
constexpr std::array<Millis, 4> kLogins = {7h, 12h, 17h, 19h};
constexpr std::array<bool, 4> kOnPhone = {true, false, false, true};
constexpr std::array<Millis, 2> kPayments = {12h + 4min, 19h + 4min};
constexpr std::string_view kTier = "gold";

// Events that differ: when one comes again, the account has long forgotten it.
constexpr size_t kRing = 5000;
static_assert(kRing > RecentEvents::kEventsMax);
// Those that its life takes: the others are new to it.
constexpr size_t kLived = 400;
constexpr size_t kJudged = kRing - kLived;
constexpr size_t kFriends = 6;
constexpr size_t kStrangerEach = 16;

constexpr int64_t kBalanceMin = 50'000;
constexpr int64_t kFilledUpBy = 100'000;

Money Euros(int64_t minor) { return {minor, *Currency::Find("EUR")}; }

LimitTable Limits() {
  LimitTable table;
  Limit single{.name = "single", .max = Euros(500'000)};
  Limit day{.name = "daily-out",
            .direction = schemas::Direction::kOut,
            .window = Limit::Window::kRolling,
            .rolling = 24h,
            .max = Euros(1'000'000),
            .warn_at = 0.8};
  Limit month{.name = "month-out",
              .direction = schemas::Direction::kOut,
              .window = Limit::Window::kCalendar,
              .unit = CalendarUnit::kMonth,
              .max = Euros(9'000'000)};
  table.limits = {single, day, month};
  const auto rate = [&](std::string_view quote, int64_t mantissa, int scale) {
    table.rates.push_back({.base = *Currency::Find("SGD"),
                           .quote = *Currency::Find(quote),
                           .mantissa = mantissa,
                           .scale = scale,
                           .as_of = "2026-03-01"});
  };
  rate("CNY", 54, 1);
  rate("USD", 74, 2);
  rate("EUR", 68, 2);
  rate("JPY", 115, 0);
  rate("GBP", 58, 2);
  return table;
}

DetectorConfigs Configs() {
  DetectorConfigs configs;
  std::get<Configured<HighRiskCountry>>(configs).config.countries = "KP, IR";
  return configs;
}

// Every payment is too much, and the first one was.
DetectorConfigs StrictConfigs() {
  DetectorConfigs configs;
  auto& velocity = std::get<Configured<Velocity>>(configs).config;
  velocity.hour_min = velocity.day_min = 0;
  velocity.factor = 0;
  return configs;
}
LimitTable StrictLimits() {
  LimitTable table = Limits();
  table.limits = {{.name = "one-cent", .max = Euros(1)}};
  return table;
}

DetectorConfigs NoConfigs() {
  DetectorConfigs configs;
  std::apply([](auto&... configured) { ((configured.options.enabled = false), ...); }, configs);
  return configs;
}

// What differs from one event to the next.
struct Fresh {
  std::array<char, 36> id{};
  int64_t minor = 0;
  std::string payee;
};

const std::vector<Fresh>& Ring() {
  static const std::vector<Fresh> ring = [] {
    std::vector<Fresh> made(kRing);
    for (size_t i = 0; i < kRing; ++i) {
      std::array<char, 40> id{};
      std::snprintf(id.data(), id.size(), "0b6f7c1e-9d2a-4c3b-8e5f-%012zu", i);
      std::copy_n(id.begin(), made[i].id.size(), made[i].id.begin());
      made[i].minor = 1'500 + static_cast<int64_t>(i * 7'919 % 3'000);
      const bool stranger = i % kStrangerEach == kStrangerEach - 1;
      made[i].payee = stranger ? "stranger-" + std::to_string(i) : "friend-" + std::to_string(i % kFriends);
    }
    return made;
  }();
  return ring;
}

// What is common among all: 6,000 logins of others over the same two months, of which some 3,000 still count.
const Population& Everybody() {
  static const Population everybody = [] {
    constexpr size_t kOthers = 6000;
    constexpr std::array kCities = {test::kBerlin, test::kMunich, test::kBerlin, test::kParis,
                                    test::kPotsdam};
    constexpr std::array kLines = {test::kHomeLine, test::kMobile, test::kHomeLine, test::kOtherLine};
    constexpr std::array kDevices = {test::kPhone,  test::kLaptop, test::kBrowser, test::kPhone,
                                     test::kLaptop, test::kPhone,  test::kStranger};
    Population made;
    for (size_t i = 0; i < kOthers; ++i) {
      const Timestamp at = kBegin + i * Millis(24h * kDays) / kOthers;
      made.Learn(EventBuilder("", at)
                     .From(kCities[i % kCities.size()])
                     .Via(kLines[i % kLines.size()])
                     .With(kDevices[i % kDevices.size()]),
                 kTier);
    }
    return made;
  }();
  return everybody;
}

Event OwnersProfile() {
  Event event = EventBuilder("profile", kBegin).Nowhere().WithoutDevice();
  event.type = schemas::EventType::kAccountProfile;
  event.payload =
      schemas::AccountProfile{.display_name = "Maria Garcia",
                              .locale = "de-DE",
                              .timezone = "Europe/Berlin",
                              .country = "DE",
                              .tier = std::string(kTier),
                              .opened_at = kBegin,
                              .status = schemas::AccountStatus::kActive,
                              .limits = {{"single", Euros(300'000)}, {"daily-out", Euros(600'000)}}};
  return event;
}

bool Names(const Verdict& verdict, std::string_view transaction_id) {
  return std::ranges::any_of(verdict.claims(),
                             [&](const Claim& claim) { return claim.transaction_id == transaction_id; });
}

// An account two months old: 240 logins and 120 payments, two devices, home line and mobile network, six
// friends and some strangers who are paid, a balance that is told and filled up when it runs low. Then the
// owner logs in in the morning.
class Life {
 public:
  Life() {
    phone_ = EventBuilder("", kBegin);
    laptop_ = EventBuilder("", kBegin).Via(test::kMobile).With(test::kLaptop);
    phone_.timezone = laptop_.timezone = "Europe/Berlin";
    payment_ = EventBuilder("", kBegin).Paid("", Euros(0)).To("", schemas::CounterpartyType::kPerson);
    std::get<schemas::Transaction>(payment_.payload).counterparty.country = "DE";
    top_up_ = EventBuilder("", kBegin)
                  .Paid("", Euros(kFilledUpBy), schemas::TransactionStatus::kCompleted,
                        schemas::TransactionKind::kTopUp)
                  .To("bank-1", schemas::CounterpartyType::kBankAccount);
    failure_ = EventBuilder("", kBegin).Failed().Via(test::kOtherLine).With(test::kStranger);

    Event profile = OwnersProfile();
    Live(profile, kBegin);
    for (int day = 0; day < kDays; ++day) {
      SignIn();
      SignIn();
      Pay();
      SignIn();
      SignIn();
      Pay();
    }
    SignIn();
    CHECK(next_ <= kLived);
  }

  // The next one of the owner's days, learnt.
  void SignIn() {
    const size_t nth = logins_++;
    const bool on_phone = kOnPhone[nth % kLogins.size()];
    Event& login = on_phone ? phone_ : laptop_;
    Put(Next(), login);
    if (on_phone) payment_.session_id = top_up_.session_id = phone_.session_id;
    Live(login, kBegin + nth / kLogins.size() * Millis(24h) + kLogins[nth % kLogins.size()]);
  }
  void Pay() {
    const size_t nth = payments_++;
    Event& event = balance_ < kBalanceMin ? top_up_ : payment_;
    Put(Next(), event);
    balance_ = *event.transaction()->balance_after_minor;
    Live(event, kBegin + nth / kPayments.size() * Millis(24h) + kPayments[nth % kPayments.size()]);
  }
  // A second after the event before.
  void Guess() {
    Put(Next(), failure_);
    Live(failure_, now_ + 1s);
  }

  // Of the events that the account has not seen; learns nothing. REQUIRES: nth < kJudged.
  const DetectionResult& JudgeLogin(const DetectorSet& detectors, size_t nth) {
    Put(Ring()[kLived + nth], phone_);
    return Judge(detectors, phone_, now_ + 5h + nth * 100ms, limits_);
  }
  const DetectionResult& JudgePayment(const DetectorSet& detectors, size_t nth) {
    return JudgePayment(detectors, nth, limits_);
  }
  const DetectionResult& JudgePayment(const DetectorSet& detectors, size_t nth, const LimitTable& limits) {
    Put(Ring()[kLived + nth], payment_);
    return Judge(detectors, payment_, now_ + 2min + nth * 100ms, limits);
  }

  [[nodiscard]] const DetectorSet& detectors() const { return detectors_; }
  [[nodiscard]] const AccountState& state() const { return state_; }
  [[nodiscard]] const Event& payment() const { return payment_; }
  [[nodiscard]] const Event& phone() const { return phone_; }

 private:
  const Fresh& Next() { return Ring()[next_++ % kRing]; }

  void Put(const Fresh& fresh, Event& event) {
    const std::string_view id(fresh.id.data(), fresh.id.size());
    event.event_id.Assign(id);
    auto* const transaction = std::get_if<schemas::Transaction>(&event.payload);
    if (transaction == nullptr) {
      event.session_id.assign(id);
      return;
    }
    transaction->transaction_id.assign(id);
    if (transaction->direction == schemas::Direction::kOut) {
      transaction->amount.minor = fresh.minor;
      transaction->counterparty.id.assign(fresh.payee);
      transaction->balance_after_minor = balance_ - fresh.minor;
    } else {
      transaction->balance_after_minor = balance_ + transaction->amount.minor;
    }
  }

  // What is common does not change with it: of one account's events alone nobody would be judged after a
  // month.
  void Live(Event& event, Timestamp at) {
    now_ = at;
    Judge(detectors_, event, at, limits_);
    benchmark::DoNotOptimize(result_.AnyAlert());
    Learn(event, result_, ContextWith(limits_), state_, taught_);
  }

  const DetectionResult& Judge(const DetectorSet& detectors, Event& event, Timestamp at,
                               const LimitTable& limits) {
    event.occurred_at = at;
    detectors.Evaluate(event, state_, ContextWith(limits), result_);
    return result_;
  }

  [[nodiscard]] Context ContextWith(const LimitTable& limits) const {
    return {.population = Everybody(), .limits = limits, .learning = learning_};
  }

  const DetectorSet detectors_{Configs()};
  const LimitTable limits_ = Limits();
  const LearningConfig learning_;
  Population taught_;
  AccountState state_;
  DetectionResult result_;
  Timestamp now_ = kBegin;
  int64_t balance_ = 150'000;
  size_t next_ = 0;
  size_t logins_ = 0;
  size_t payments_ = 0;
  Event phone_;
  Event laptop_;
  Event payment_;
  Event top_up_;
  Event failure_;
};

// Checked once, before anything is timed: all detectors of logins and transactions judge the events, and a
// payment is judged by itself, not passed over as one that is known.
struct Checked {
  std::string silent;
  double login_alerts = 0;
  double payment_alerts = 0;

  Checked() {
    Life life;
    const DetectorSet strict(StrictConfigs());
    const LimitTable strict_limits = StrictLimits();
    Answers logins;
    Answers payments;
    Answers all;
    for (size_t nth = 0; nth < kJudged; ++nth) {
      const DetectionResult& login = life.JudgeLogin(life.detectors(), nth);
      logins.Take(life.phone(), login);
      all.Take(life.phone(), login);
      const DetectionResult& payment = life.JudgePayment(life.detectors(), nth);
      payments.Take(life.payment(), payment);
      all.Take(life.payment(), payment);
      const DetectionResult& found = life.JudgePayment(strict, nth, strict_limits);
      const std::string& id = life.payment().transaction()->transaction_id;
      CHECK(Names(found.Of(Velocity::kInfo.id), id));
      CHECK(Names(found.Of(LimitBreach::kInfo.id), id));
    }
    logins.CheckAll();
    payments.CheckAll();
    silent = all.Silent();
    login_alerts = logins.alert_share();
    payment_alerts = payments.alert_share();
  }

  static const Checked& Get() {
    static const Checked checked;
    return checked;
  }
};

void Tell(double alerts, benchmark::State& state) {
  state.counters["alerts"] = alerts;
  state.SetLabel("no answer: " + Checked::Get().silent);
}

size_t After(size_t nth) { return nth + 1 == kJudged ? 0 : nth + 1; }

void EvaluateNothing(benchmark::State& state) {
  Life life;
  const DetectorSet none(NoConfigs());
  size_t nth = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(life.JudgePayment(none, nth));
    nth = After(nth);
  }
}
BENCHMARK(EvaluateNothing);

void EvaluateLogin(benchmark::State& state) {
  Tell(Checked::Get().login_alerts, state);
  Life life;
  size_t nth = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(life.JudgeLogin(life.detectors(), nth));
    nth = After(nth);
  }
}
BENCHMARK(EvaluateLogin);

void EvaluateTransaction(benchmark::State& state) {
  Tell(Checked::Get().payment_alerts, state);
  Life life;
  size_t nth = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(life.JudgePayment(life.detectors(), nth));
    nth = After(nth);
  }
}
BENCHMARK(EvaluateTransaction);

void EvaluateAndLearnLogin(benchmark::State& state) {
  Life life;
  for (auto _ : state) life.SignIn();
}
BENCHMARK(EvaluateAndLearnLogin);

// One in some thirty is a top-up.
void EvaluateAndLearnTransaction(benchmark::State& state) {
  Life life;
  for (auto _ : state) life.Pay();
}
BENCHMARK(EvaluateAndLearnTransaction);

// One failed login a second on one account: the worst that guessing does to a core.
void EvaluateAndLearnGuessing(benchmark::State& state) {
  Life life;
  for (auto _ : state) life.Guess();
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
