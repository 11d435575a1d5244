#include "daemon/generate/traffic.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "base/json_writer.h"

namespace tocsin::daemon::generate {
namespace {

using std::chrono::hours;

constexpr uint64_t kDayStream = 1000;
constexpr uint64_t kPlanStream = 3;
constexpr uint64_t kAttackStream = 4;
constexpr uint64_t kChanceStream = 5;
constexpr uint64_t kOpenedStream = 6;
constexpr uint64_t kYoungStream = 7;
constexpr uint64_t kSalaryStream = 9;

constexpr double kAttackedShare = 0.03;
constexpr int kLearningDays = 14;
constexpr int kSilentFrom = 8;               // Owners who leave their accounts do it after so many days …
constexpr int kSilentDays = 95;              // … and for so many at least.
constexpr int kStuckDays = 3;                // Until somebody comes by and sees that a transaction is stuck.
constexpr double kKnownHoursSessions = 2.5;  // A day: within two weeks the owner's hours are known.
constexpr double kSalaried = 0.5;

struct Planned {
  int day;
  AttackKind kind;
  uint32_t account;
  Target target;
};

// The day on which the account is opened; -1: before the first.
int OpenedDay(const TrafficOptions& options, uint32_t account) {
  Random random(options.seed, account, kOpenedStream);
  if (!random.Chance(options.new_accounts)) return -1;
  return static_cast<int>(random.Between(int64_t{0}, int64_t{options.days - 1}));
}

// A day to attack the account on: that of the plan, for a single attack on a new account one of its own life.
// Negative: this account cannot be attacked so.
int AttackDay(const TrafficOptions& options, const AttackInfo& info, uint32_t account, int planned,
              int last_day) {
  const int opened = OpenedDay(options, account);
  if (opened < 0) return planned;
  if (info.kind == AttackKind::kDormantReactivation) return -1;
  if (info.accounts > 1) return opened < planned ? planned : -1;
  if (opened >= last_day) return -1;
  Random random(options.seed, account, kYoungStream);
  return static_cast<int>(random.Between(int64_t{opened + 1}, int64_t{last_day}));
}

std::vector<Planned> PlanAttacks(const TrafficOptions& options) {
  std::vector<AttackKind> kinds = options.attacks;
  if (options.days < kSilentFrom + kSilentDays + 1) std::erase(kinds, AttackKind::kDormantReactivation);
  std::vector<Planned> plan;
  if (kinds.empty()) return plan;
  Random random(options.seed, kPlanStream, 0);
  const int first_day = std::min(kLearningDays, options.days / 2);

  // Accounts in an order that repeats none: steps of a number without a common divisor.
  uint32_t step = static_cast<uint32_t>(random.Below(options.accounts)) | 1U;
  while (std::gcd(step, options.accounts) != 1) ++step;
  auto account = static_cast<uint32_t>(random.Below(options.accounts));
  const auto wanted = static_cast<uint32_t>(static_cast<double>(options.accounts) * kAttackedShare);
  uint32_t hit = 0;
  uint32_t seen = 0;  // Of the accounts: when all were, the next would be hit twice.
  for (size_t i = 0; (i < kinds.size() || hit < wanted) && seen < options.accounts; ++i) {
    const AttackInfo& info = InfoOf(kinds[i % kinds.size()]);
    const auto size = static_cast<uint32_t>(info.accounts);
    // Half of the population stays honest, however small it is.
    if (hit + size > (options.accounts + 1) / 2) {
      if (i >= kinds.size()) break;
      continue;
    }
    int from = first_day;
    if (info.kind == AttackKind::kDormantReactivation) from = kSilentFrom + kSilentDays;
    int last_day = options.days - 1;
    if (info.kind == AttackKind::kStuckTransaction) last_day = std::max(from, last_day - kStuckDays);
    const int day = static_cast<int>(random.Between(int64_t{from}, int64_t{last_day}));
    const uint64_t campaign = random.Next();
    for (uint32_t place = 0; place < size && seen < options.accounts; ++seen) {
      account = static_cast<uint32_t>((uint64_t{account} + step) % options.accounts);
      const int on = AttackDay(options, info, account, day, last_day);
      if (on >= 0) plan.push_back({on, info.kind, account, {campaign, static_cast<int>(place++)}});
    }
    hit += size;
  }
  std::stable_sort(plan.begin(), plan.end(),
                   [](const Planned& a, const Planned& b) { return a.day < b.day; });
  return plan;
}

std::string LabelLine(const Label& label) {
  std::string line;
  JsonWriter json(line);
  json.BeginObject()
      .Member("account_id", AccountName(label.account))
      .Member("attack", InfoOf(label.kind).name);
  json.Member("from", label.from).Member("until", label.until).Key("event_ids").BeginArray();
  for (const std::string& id : label.event_ids) json.String(id);
  json.EndArray().EndObject();
  line.push_back('\n');
  return line;
}

// An account that is opened while the traffic lasts: empty until then.
void OpenLater(const TrafficOptions& options, Account& account) {
  account.opened_day = OpenedDay(options, account.number);
  if (account.opened_day < 0) return;
  account.balance_minor = 0;
  account.told_balance = {0, account.currency};
  account.first_payees = std::exchange(account.payees, uint8_t{0});
  account.gets_salary = Random(options.seed, account.number, kSalaryStream).Chance(kSalaried);
}

// What an account is like before it is attacked so.
void PrepareFor(AttackKind kind, Account& account) {
  if (kind == AttackKind::kPassThrough) account.young = true;
  if (kind == AttackKind::kAnonymousNetwork) account.vpn = nullptr;
  if (kind == AttackKind::kUnusualHour)
    account.sessions_a_day = std::max(account.sessions_a_day, kKnownHoursSessions);
}

Day DayOf(const TrafficOptions& options, int number) {
  Day day;
  day.number = number;
  day.begins_at = options.start + hours(24) * number;
  const auto date = std::chrono::floor<std::chrono::days>(day.begins_at);
  day.month_day = static_cast<int>(static_cast<unsigned>(std::chrono::year_month_day(date).day()));
  day.weekday = static_cast<int>(std::chrono::weekday(date).c_encoding());
  return day;
}

class Traffic {
 public:
  Traffic(const TrafficOptions& options, const TrafficSinks& sinks)
      : options_(options),
        sinks_(sinks),
        chance_(options.seed, kChanceStream, 0),
        plan_(PlanAttacks(options)) {
    accounts_.reserve(options.accounts);
    for (uint32_t i = 0; i < options.accounts; ++i)
      accounts_.push_back(MakeAccount(world_, options.seed, i, options.days));
    for (Account& account : accounts_) OpenLater(options, account);
    for (const Planned& planned : plan_) PrepareFor(planned.kind, accounts_[planned.account]);
  }

  bool Write() {
    for (int number = 0; number < options_.days; ++number) {
      const Day day = DayOf(options_, number);
      if (number == 0) OpenAccounts(day);
      if (number == kSilentFrom) LeaveAccounts();
      // The owner's day first: a thief spends what is left.
      for (Account& account : accounts_) {
        Scribe scribe(world_, account, batch_, chance_);
        Random random(options_.seed, account.number, kDayStream + static_cast<uint64_t>(number));
        LiveOneDay(scribe, options_.seed, day, random);
      }
      if (!WriteAttacks(day)) return false;
      // The last day's settlements come after midnight.
      const bool last = number + 1 == options_.days;
      if (!batch_.Flush(last ? Timestamp::max() : day.begins_at + hours(24), sinks_.write)) return false;
      sinks_.progress(number);
    }
    return true;
  }

 private:
  void OpenAccounts(const Day& day) {
    for (Account& account : accounts_) {
      if (account.opened_day >= 0) continue;
      Random random(options_.seed, account.number, kDayStream - 1);
      Scribe scribe(world_, account, batch_, chance_);
      int64_t age_days = random.Between(int64_t{20}, int64_t{2500});
      // Accounts that are lent to strangers are opened for it.
      if (account.young) age_days = 20 + age_days % 30;
      const Timestamp opened_at = std::max(kTimestampMin, day.begins_at - hours(24) * age_days);
      scribe.Profile(day.begins_at + Millis(random.Below(60'000)), opened_at);
    }
  }

  void LeaveAccounts() {
    for (const Planned& planned : plan_) {
      if (planned.kind == AttackKind::kDormantReactivation) accounts_[planned.account].silent = true;
    }
  }

  bool WriteAttacks(const Day& day) {
    for (; next_ < plan_.size() && plan_[next_].day == day.number; ++next_) {
      const Planned& planned = plan_[next_];
      Account& account = accounts_[planned.account];
      Scribe scribe(world_, account, batch_, chance_);
      Random random(options_.seed, account.number, kAttackStream);
      const Label label = WriteAttack(planned.kind, scribe, day, planned.target, random);
      if (!sinks_.write_label(LabelLine(label))) return false;
    }
    return true;
  }

  const TrafficOptions& options_;
  const TrafficSinks& sinks_;
  const World world_;
  Random chance_;
  std::vector<Planned> plan_;
  size_t next_ = 0;
  std::vector<Account> accounts_;
  Batch batch_;
};

}  // namespace

Result<std::vector<AttackKind>> ParseAttacks(std::string_view list) {
  std::vector<AttackKind> kinds;
  if (list == "none") return kinds;
  if (list.empty() || list == "all") {
    for (const AttackInfo& info : AttackCatalogue()) kinds.push_back(info.kind);
    return kinds;
  }
  for (size_t begin = 0; begin <= list.size();) {
    const size_t comma = std::min(list.find(',', begin), list.size());
    const std::string_view name = list.substr(begin, comma - begin);
    const auto catalogue = AttackCatalogue();
    const auto found = std::find_if(catalogue.begin(), catalogue.end(),
                                    [&](const AttackInfo& info) { return info.name == name; });
    if (found == catalogue.end()) {
      std::string known;
      for (const AttackInfo& info : catalogue) known.append(known.empty() ? "" : ", ").append(info.name);
      return Error{.code = ErrorCode::kInvalid,
                   .field = std::string(name),
                   .detail = "no such attack; there are " + known};
    }
    if (std::find(kinds.begin(), kinds.end(), found->kind) == kinds.end()) kinds.push_back(found->kind);
    begin = comma + 1;
  }
  return kinds;
}

bool GenerateTraffic(const TrafficOptions& options, const TrafficSinks& sinks) {
  return Traffic(options, sinks).Write();
}

}  // namespace tocsin::daemon::generate
