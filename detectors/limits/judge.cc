#include "detectors/limits/judge.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "base/check.h"
#include "detectors/asked.h"
#include "detectors/lacking.h"
#include "detectors/limits/sweep.h"
#include "detectors/verdict.h"

namespace tocsin::detectors {
namespace {

using Wide = Thresholds::Wide;

// Of several reasons the one that says most about the account's state.
std::string_view Worse(std::string_view a, std::string_view b) {
  if (b.empty()) return a;
  for (const std::string_view why : {kSaturated, kNoRate, kBorderUnknown}) {
    if (a == why || b == why) return why;
  }
  return a;
}

// A limit that matches the event's transaction, summed over one pass of the list. Trivial on purpose: the
// array of them is not initialised.
struct Running {
  const Limit* limit;
  Timestamp begin;
  Timestamp end;  // Inclusive.
  Wide sum;
  int64_t count;
  int64_t converted;
  int64_t unconverted;
  const ExchangeRate* rate;
  bool self_unconverted;

  void Add(const Movement& movement, const LimitTable& table, bool self) {
    ++count;
    if (!limit->max) return;
    if (movement.amount.currency == limit->max->currency) {
      sum += movement.amount.minor;
      return;
    }
    const ExchangeRate* used = nullptr;
    const auto amount = ConvertForSum(movement.amount, limit->max->currency, table, &used);
    sum += amount.value_or(0);
    if (used != nullptr) {
      ++converted;
      rate = used;
    }
    if (!amount) {
      ++unconverted;
      self_unconverted = self_unconverted || self;
    }
  }
};

class Judge {
 public:
  Judge(const Flows& flows, const schemas::Event& event, const AccountState& state, const Context& context)
      : context_(context),
        table_(context.limits),
        tenant_(event.tenant),
        owner_(state.profile().OwnerAt(event.occurred_at)),
        money_(state.money()),
        after_(flows.movement()),
        change_{.transaction_key = after_.transaction_key, .before = flows.before(), .after = flows.after()} {
    if (change_.before != nullptr) change_.before_event_id = flows.known()->event_id;
    if (change_.after != nullptr) change_.after_event_id = flows.event_id();
  }
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  // Null: it is not asked.
  void Run(LimitAnswer* over, LimitAnswer* near) {
    bool any = false;
    bool any_near = false;
    for (const Limit& limit : table_.limits) {
      if (!AppliesTo(limit, tenant_, owner_)) continue;
      any = true;
      any_near = any_near || Asks(Question::kNear, limit);
    }
    const auto drop_without = [](bool limits, LimitAnswer*& answer) {
      if (limits || answer == nullptr) return;
      answer->why = kNoLimits;
      answer = nullptr;
    };
    drop_without(any, over);
    drop_without(any_near, near);
    if (over == nullptr && near == nullptr) return;
    if (ChangesNothing()) return NoteLack(context_, change_.after == nullptr ? kMovesMoney : kNewsOfPayment);
    if (IsNewest()) return SumNewest(over, near);
    if (over != nullptr) SweepLate(Question::kOver, *over);
    if (near != nullptr) SweepLate(Question::kNear, *near);
  }

 private:
  static constexpr char kCountingLimit[] = "limit_that_counts_it";

  size_t Noted() const { return context_.measures == nullptr ? 0 : context_.measures->size(); }

  void SumNewest(LimitAnswer* over, LimitAnswer* near) {
    const size_t noted = Noted();
    SumOnce(over, near);
    if (Noted() == noted) NoteLack(context_, kCountingLimit);
  }

  void SweepLate(Question question, LimitAnswer& answer) {
    SweepAll(question, answer);
    if (context_.measures != nullptr) NoteLate(question, answer);
  }

  // The levels at a transaction that is not the newest, as if nothing had come after it.
  void NoteLate(Question question, const LimitAnswer& answer) {
    if (change_.after == nullptr) return NoteLack(context_, kMovesMoney);
    const bool over = question == Question::kOver;
    LimitAnswer alone;
    SumNewest(over ? &alone : nullptr, over ? nullptr : &alone);
    for (const LimitChange& one : alone.changes) {
      const bool found = std::ranges::any_of(answer.changes, [&](const LimitChange& change) {
        return change.now && change.own && change.level.limit == one.level.limit;
      });
      if (over && !found) NoteLack(context_, "limit " + one.level.limit->name + ", not_found_before");
    }
  }

  static bool Asks(Question question, const Limit& limit) {
    return question == Question::kOver || limit.warn_at > 0;
  }

  const TimeZone& Zone() {
    if (!zone_) zone_ = AccountZone(owner_);
    return *zone_;
  }

  bool ChangesNothing() const {
    const Movement* before = change_.before;
    if (before == nullptr || change_.after == nullptr) return before == change_.after;
    // Only given back, and nothing has happened since.
    const Timestamp from = change_.From();
    return from == kTimestampMax || from > money_.entries.back().at;
  }

  // Nothing that counts stands after the event's transaction, and it did not count before: only it need be
  // judged.
  bool IsNewest() const {
    if (change_.before != nullptr || change_.after == nullptr) return false;
    for (auto entry = money_.entries.rbegin(); entry != money_.entries.rend() && Before(after_, *entry);
         ++entry) {
      if (entry->Live() && entry->transaction_key != after_.transaction_key) return false;
    }
    return true;
  }

  void SweepOne(Question question, const Limit& limit, LimitAnswer& answer) {
    const SweepInput input{.question = question,
                           .limit = limit,
                           .table = table_,
                           .owner = owner_,
                           .zone = Zone(),
                           .money = money_,
                           .change = change_};
    answer.why = Worse(answer.why, SweepLimit(input, answer.changes));
  }

  void SumOnce(LimitAnswer* over, LimitAnswer* near) {
    std::array<Running, kAtOnce>
        running;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read.
    size_t used = 0;
    for (const Limit& limit : table_.limits) {
      LimitAnswer* const warning = Asks(Question::kNear, limit) ? near : nullptr;
      if ((over == nullptr && warning == nullptr) || !AppliesTo(limit, tenant_, owner_)) continue;
      const Match match = Matches(limit, after_);
      if (match == Match::kUnknown) {
        for (LimitAnswer* const answer : {over, warning}) {
          if (answer != nullptr) answer->why = Worse(answer->why, kBorderUnknown);
        }
      }
      if (match != Match::kYes) continue;
      const bool calendar = limit.window == Limit::Window::kCalendar;
      running[used++] = {
          .limit = &limit,
          .begin = calendar ? WindowBegin(limit, Zone(), after_.at) : WindowBegin(limit, kUtc, after_.at),
          .end = kTimestampMax};
      if (used == kAtOnce) {
        Conclude({running.data(), used}, over, near);
        used = 0;
      }
    }
    Conclude({running.data(), used}, over, near);
  }

  // Late, amended or given back after the fact. Most limits are far from every sum there is: one pass finds
  // that no level in reach of the change can be over (near), with it or without it; only the others are
  // swept.
  void SweepAll(Question question, LimitAnswer& answer) {
    std::array<Running, kAtOnce>
        reach;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read.
    size_t used = 0;
    for (const Limit& limit : table_.limits) {
      if (!Asks(question, limit) || !AppliesTo(limit, tenant_, owner_)) continue;
      reach[used++] = ReachOf(limit);
      if (used == kAtOnce) {
        SweepWithin(question, {reach.data(), used}, answer);
        used = 0;
      }
    }
    SweepWithin(question, {reach.data(), used}, answer);
  }

  // The times whose transactions can be in a level that the change touches. Whether another was near before
  // it does not ask for more: where no level that changes can be near, nothing changes for those after it.
  Running ReachOf(const Limit& limit) {
    Timestamp begin = change_.From();
    Timestamp end = kTimestampMax;
    if (limit.window == Limit::Window::kRolling) {
      begin -= limit.rolling;
      end =
          std::max(change_.before != nullptr ? change_.before->at : kTimestampMin, after_.at) + limit.rolling;
    } else if (limit.window == Limit::Window::kCalendar) {
      begin = WindowBegin(limit, Zone(), begin);
    }
    return {.limit = &limit, .begin = begin, .end = end};
  }

  void SweepWithin(Question question, std::span<Running> reach, LimitAnswer& answer) {
    SumWindows(reach, [this](const MoneyEntry& entry) {
      return entry.transaction_key != change_.transaction_key && entry.Live();
    });
    for (Running& one : reach) {
      if (change_.before != nullptr) one.Add(*change_.before, table_, false);
      if (change_.after != nullptr) one.Add(after_, table_, false);
      if (!OutOfReach(question, one)) {
        SweepOne(question, *one.limit, answer);
      } else if (change_.after != nullptr && Matches(*one.limit, after_) == Match::kUnknown) {
        answer.why = Worse(answer.why, kBorderUnknown);
      }
    }
  }

  bool OutOfReach(Question question, const Running& one) const {
    const Limit& limit = *one.limit;
    const Allowance allowance = AllowanceOf(limit, owner_, table_);
    if (allowance.no_rate || one.unconverted > 0) return false;
    Wide sum = one.sum;
    int64_t count = one.count;
    if (limit.window != Limit::Window::kTransaction &&
        std::min(one.begin, after_.at) <= money_.forgotten_until) {
      if (limit.window == Limit::Window::kRolling || IsForgotten(limit, money_, one.begin, after_.at))
        return false;
      const uint64_t key = LimitKey(limit);
      for (const MoneyBucket& bucket : money_.buckets) {
        if (bucket.limit_key != key) continue;
        if (bucket.unconverted > 0) return false;
        sum += bucket.sum_minor;
        count += bucket.count;
      }
    }
    const Thresholds thresholds(limit, allowance);
    return question == Question::kOver ? !thresholds.Over(sum, count, false)
                                       : !thresholds.High(sum, count, false);
  }

  void Conclude(std::span<Running> running, LimitAnswer* over, LimitAnswer* near) {
    // What stands after the newest never counts (IsNewest), and is here only until it does.
    SumWindows(running, [this](const MoneyEntry& entry) {
      const bool kept = entry.ended_first == kTimestampMax || entry.GoneAt() > after_.at;
      return entry.counted && kept && Before(entry, after_);
    });
    for (Running& one : running) {
      one.Add(after_, table_, true);
      ConcludeOne(one, over, Asks(Question::kNear, *one.limit) ? near : nullptr);
    }
  }

  // Which of `running` count a movement depends on few of its members, and most movements share them.
  struct Kinship {
    uint32_t what = UINT32_MAX;
    uint64_t matching = 0;
  };

  template <class Counts>
  void SumWindows(std::span<Running> running, Counts counts) const {
    Timestamp begin = kTimestampMax;
    for (const Running& one : running) {
      if (one.limit->window != Limit::Window::kTransaction) begin = std::min(begin, one.begin);
    }
    Kinship kinship;
    for (auto entry = money_.entries.rbegin(); entry != money_.entries.rend() && entry->at >= begin;
         ++entry) {
      if (!counts(*entry)) continue;
      const uint32_t what = static_cast<uint32_t>(entry->kind) |
                            static_cast<uint32_t>(entry->direction) << 8 |
                            static_cast<uint32_t>(entry->cross_border) << 16;
      if (what != kinship.what) kinship = {.what = what, .matching = MatchingMask(running, *entry)};
      for (uint64_t rest = kinship.matching; rest != 0; rest &= rest - 1) {
        Running& one = running[static_cast<size_t>(std::countr_zero(rest))];
        if (entry->at < one.begin || entry->at > one.end) continue;
        if (one.limit->min && IsBelowMin(*one.limit, *entry)) continue;
        one.Add(*entry, table_, false);
      }
    }
  }

  static uint64_t MatchingMask(std::span<const Running> running, const Movement& movement) {
    uint64_t mask = 0;
    for (size_t i = 0; i < running.size(); ++i) {
      const Limit& limit = *running[i].limit;
      if (limit.window != Limit::Window::kTransaction && MatchesButAmount(limit, movement) == Match::kYes)
        mask |= uint64_t{1} << i;
    }
    return mask;
  }

  void ConcludeOne(const Running& one, LimitAnswer* over, LimitAnswer* near) {
    const Limit& limit = *one.limit;
    LimitLevel level{.limit = &limit,
                     .allowance = AllowanceOf(limit, owner_, table_),
                     .begin = one.begin,
                     .count = one.count,
                     .converted = one.converted,
                     .unconverted = one.unconverted,
                     .rate = one.rate,
                     .self_unconverted = one.self_unconverted};
    Wide sum = one.sum;
    level.saturated = level.partial_window = IsForgotten(limit, money_, one.begin, after_.at);
    if (limit.window == Limit::Window::kCalendar && !level.saturated &&
        (money_.forgotten_until >= one.begin || !money_.buckets.empty())) {
      const FoundBucket found = FindBucket(money_, LimitKey(limit), one.begin);
      level.partial_window = found.partial;
      if (found.bucket != nullptr) {
        sum += found.bucket->sum_minor;
        level.count += found.bucket->count;
        level.unconverted += found.bucket->unconverted;
      }
    }
    level.sum_minor = static_cast<int64_t>(std::min(sum, Wide{std::numeric_limits<int64_t>::max()}));

    const Thresholds thresholds(limit, level.allowance);
    const std::string_view unknown = level.Unknown(thresholds);
    const bool is_over = thresholds.Over(sum, level.count, level.self_unconverted);
    if (over != nullptr) {
      over->why = Worse(over->why, unknown);
      if (context_.measures != nullptr) Note(Question::kOver, level);
      if (is_over) {
        over->changes.push_back({.now = true,
                                 .event_id = std::string(change_.after_event_id),
                                 .at = after_.at,
                                 .own = true,
                                 .level = level});
      }
    }
    if (near != nullptr) {
      near->why = Worse(near->why, unknown);
      if (context_.measures != nullptr) Note(Question::kNear, level);
      // Near: whether it had been before takes the levels of the transactions in the window.
      if (!is_over && !level.saturated && thresholds.High(sum, level.count, level.self_unconverted))
        SweepOne(Question::kNear, limit, *near);
    }
  }

  // How far it is to the limit, or to where it comes near.
  void Note(Question question, const LimitLevel& level) const {
    const Limit& limit = *level.limit;
    const bool over = question == Question::kOver;
    const Needs needs = over ? Needs::kMoreThan : Needs::kAtLeast;
    const double share = over ? 1 : limit.warn_at;
    if (level.allowance.max_minor && limit.max) {
      const auto text = [&](int64_t minor) { return FormatMoney({minor, limit.max->currency}); };
      const double threshold = share * static_cast<double>(*level.allowance.max_minor);
      context_.Note("limit " + limit.name + ", sum", text(level.sum_minor), needs,
                    text(std::llround(threshold)));
    }
    if (level.allowance.max_count) {
      context_.Note("limit " + limit.name + ", count", level.count, needs,
                    share * static_cast<double>(*level.allowance.max_count));
    }
  }

  static constexpr size_t kAtOnce = 64;  // As many as a mask has bits.
  static inline const TimeZone kUtc;

  const Context& context_;
  const LimitTable& table_;
  const std::string_view tenant_;  // The event's.
  const schemas::AccountProfile& owner_;
  const MoneyHistory& money_;
  const Movement& after_;
  MovementChange change_;
  std::optional<TimeZone> zone_;
};

}  // namespace

LimitAnswers JudgeLimits(const Flows& flows, const schemas::Event& event, const AccountState& state,
                         const Context& context) {
  LimitAnswers answers;
  Judge(flows, event, state, context).Run(&answers.over, &answers.near);
  return answers;
}

LimitAnswer JudgeLimits(Question question, const schemas::Event& event, const AccountState& state,
                        const Context& context) {
  CHECK(event.transaction() != nullptr);
  const bool over = question == Question::kOver;
  if (context.asked != nullptr && context.measures == nullptr)
    return over ? context.asked->Limits().over : context.asked->Limits().near;
  const Flows flows(event, state, context);
  LimitAnswer answer;
  Judge(flows, event, state, context).Run(over ? &answer : nullptr, over ? nullptr : &answer);
  return answer;
}

}  // namespace tocsin::detectors
