// A window slides over the transactions: each enters once, and leaves once, by the window's begin or by being
// given back.
//
// Invariants:
// - `items_` holds, in order, the transactions that match, from so far back that every level judged is
// complete; the
//   changing one appears as it was and as it is, and is never part of the running sum.
// - Items [tail_, i) whose `inside` is set are exactly those in the window of item i that have not been given
// back.
#include "detectors/limits/sweep.h"

#include <algorithm>
#include <limits>

namespace tocsin::detectors {
namespace {

__extension__ using Wide = __int128;

int64_t Saturate(Wide value) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  return value > kMax ? kMax : static_cast<int64_t>(value);
}

struct Totals {
  Wide sum = 0;
  int64_t count = 0;
  int64_t converted = 0;
  int64_t unconverted = 0;
};

// kUnknown: more transactions came than are kept, and what is known of them does not tell.
enum class Answer : uint8_t { kNo, kYes, kUnknown };

enum class Role : uint8_t { kOther, kBefore, kAfter };

struct Item {
  const Movement* movement = nullptr;
  std::string_view event_id;
  Timestamp gone;
  int64_t amount = 0;
  Role role = Role::kOther;
  bool converted = false;
  bool unconverted = false;
  bool inside = false;
};

class Sweep {
 public:
  explicit Sweep(const SweepInput& input)
      : in_(input),
        money_(input.money),
        allowance_(AllowanceOf(input.limit, input.owner, input.table)),
        thresholds_(input.limit, allowance_),
        key_(LimitKey(input.limit)) {}

  std::string_view Run(std::vector<LimitChange>& changes) {
    const size_t first = changes.size();
    from_ = in_.change.From();
    Gather();
    for (size_t i = 0; i < items_.size(); ++i) {
      Advance(i);
      Judge(items_[i], changes);
      if (items_[i].role == Role::kOther) Enter(items_[i]);
    }
    CancelOut(changes, first);
    KeepUnknown(changes, first);
    return why_;
  }

 private:
  Timestamp Begin(Timestamp at) const { return WindowBegin(in_.limit, in_.zone, at); }
  bool OnlyItself() const { return in_.limit.window == Limit::Window::kTransaction; }

  Item MakeItem(const Movement& movement, std::string_view event_id, Role role) {
    Item item{.movement = &movement, .event_id = event_id, .gone = movement.GoneAt(), .role = role};
    if (in_.limit.max) {
      const ExchangeRate* rate = nullptr;
      const auto amount = ConvertForSum(movement.amount, in_.limit.max->currency, in_.table, &rate);
      item.amount = amount.value_or(0);
      item.unconverted = !amount;
      item.converted = rate != nullptr;
      if (rate != nullptr) rate_ = rate;
    }
    return item;
  }

  // The last time at which the change can matter.
  Timestamp Until() const {
    const Timestamp latest = std::max(before_ != nullptr ? before_->at : kTimestampMin,
                                      after_ != nullptr ? after_->at : kTimestampMin);
    if (in_.limit.window == Limit::Window::kCalendar) return in_.zone.EndOf(in_.limit.unit, latest);
    // A level changes for one window; whether it is the first to be near, for one more.
    return latest + in_.limit.rolling * (in_.question == Question::kNear ? 2 : 1);
  }

  void Gather() {
    const MovementChange& change = in_.change;
    if (change.before != nullptr && Matches(in_.limit, *change.before) == Match::kYes)
      before_ = change.before;
    if (change.after != nullptr) {
      const Match match = Matches(in_.limit, *change.after);
      if (match == Match::kYes) after_ = change.after;
      if (match == Match::kUnknown) why_ = kBorderUnknown;
    }
    if (before_ == nullptr && after_ == nullptr) return;
    if (!OnlyItself()) {
      // To know whether it had been near before, levels are needed from one window earlier on.
      levels_from_ = in_.question == Question::kNear ? Begin(from_) : from_;
      const Timestamp needed_from = Begin(levels_from_);
      auto entry = std::ranges::lower_bound(money_.entries, needed_from, {}, &MoneyEntry::at);
      items_.reserve(static_cast<size_t>(money_.entries.end() - entry) + 2);
      const Timestamp until = Until();
      for (; entry != money_.entries.end() && entry->at <= until; ++entry) {
        if (entry->transaction_key == change.transaction_key || !entry->Live()) continue;
        if (Matches(in_.limit, *entry) != Match::kYes) continue;
        items_.push_back(MakeItem(*entry, entry->event_id, Role::kOther));
      }
    } else {
      levels_from_ = from_;
    }
    Place(before_, change.before_event_id, Role::kBefore);
    Place(after_, change.after_event_id, Role::kAfter);
    for (size_t i = 0; i < items_.size(); ++i) {
      if (items_[i].role == Role::kOther && items_[i].gone != kTimestampMax) leaving_.push_back(i);
    }
    std::ranges::sort(leaving_, {}, [this](size_t i) { return items_[i].gone; });
  }

  void Place(const Movement* movement, std::string_view event_id, Role role) {
    if (movement == nullptr) return;
    const auto place =
        std::ranges::find_if(items_, [&](const Item& item) { return Before(*movement, *item.movement); });
    const Item& placed = *items_.insert(place, MakeItem(*movement, event_id, role));
    (role == Role::kBefore ? before_item_ : after_item_) = placed;
  }

  void Enter(Item& item) {
    item.inside = true;
    Count(totals_, item, 1);
  }
  static void Count(Totals& totals, const Item& item, int sign) {
    totals.sum += Wide{item.amount} * sign;
    totals.count += sign;
    totals.converted += item.converted ? sign : 0;
    totals.unconverted += item.unconverted ? sign : 0;
  }
  void Leave(Item& item) {
    if (item.inside) Count(totals_, item, -1);
    item.inside = false;
  }

  // Moves the window to end at item i.
  void Advance(size_t i) {
    const Timestamp at = items_[i].movement->at;
    if (i == 0 || at >= end_) {
      begin_ = Begin(at);
      end_ = at;
      if (in_.limit.window == Limit::Window::kCalendar) {
        end_ = in_.zone.EndOf(in_.limit.unit, at);
        found_ = FindBucket(money_, key_, begin_);
        bucket_high_ = found_.bucket != nullptr &&
                       thresholds_.High(found_.bucket->peak_minor, found_.bucket->peak_count, false);
      }
    }
    for (; tail_ < i && items_[tail_].movement->at < begin_; ++tail_) Leave(items_[tail_]);
    for (; left_ < leaving_.size() && items_[leaving_[left_]].gone <= at; ++left_)
      Leave(items_[leaving_[left_]]);
  }

  // The changing transaction, in the form it has in `item`, is in the window that ends at `end`.
  bool Holds(const Item& item, const Movement& end) const {
    return item.movement != nullptr && Before(*item.movement, end) && item.movement->at >= begin_ &&
           item.gone > end.at;
  }

  // The level at `own`; `changing` is the form of the changing transaction that the history has.
  Totals At(const Item& own, const Item& changing) const {
    Totals totals;
    if (!OnlyItself()) {
      totals = totals_;
      if (own.role == Role::kOther && Holds(changing, *own.movement)) Count(totals, changing, 1);
      // A bucket that goes on beyond the item says nothing about it.
      if (found_.bucket != nullptr && !Saturated(own)) {
        totals.sum += found_.bucket->sum_minor;
        totals.count += found_.bucket->count;
        totals.unconverted += found_.bucket->unconverted;
      }
    }
    Count(totals, own, 1);
    return totals;
  }

  bool Saturated(const Item& own) const { return IsForgotten(in_.limit, money_, begin_, own.movement->at); }

  LimitLevel Level(const Item& own, const Item& changing) const {
    const Totals totals = At(own, changing);
    return {.limit = &in_.limit,
            .allowance = allowance_,
            .begin = begin_,
            .sum_minor = Saturate(totals.sum),
            .count = totals.count,
            .converted = totals.converted,
            .unconverted = totals.unconverted,
            .rate = totals.converted > 0 ? rate_ : nullptr,
            .self_unconverted = own.unconverted,
            .partial_window = found_.partial || Saturated(own),
            .saturated = Saturated(own)};
  }

  // The answer to the question at `own`. `last_high` is of the history that has `changing`.
  Answer Ask(const Item& own, const Item& changing, Timestamp& last_high) const {
    const Totals totals = At(own, changing);
    const bool over = thresholds_.Over(totals.sum, totals.count, own.unconverted);
    const Answer at_least = Saturated(own) ? Answer::kUnknown : Answer::kNo;
    if (in_.question == Question::kOver) return over ? Answer::kYes : at_least;
    const bool high = thresholds_.High(totals.sum, totals.count, own.unconverted);
    const bool spoken = !OnlyItself() && (last_high >= begin_ || bucket_high_);
    if (high) last_high = own.movement->at;
    if (over || at_least == Answer::kUnknown) return over ? Answer::kNo : Answer::kUnknown;
    return high && !spoken ? Answer::kYes : Answer::kNo;
  }

  void Judge(const Item& item, std::vector<LimitChange>& changes) {
    if (item.movement->at < levels_from_) return;
    const Answer before = item.role != Role::kAfter ? Ask(item, before_item_, high_before_) : Answer::kNo;
    const Answer after = item.role != Role::kBefore ? Ask(item, after_item_, high_after_) : Answer::kNo;
    if (item.role == Role::kAfter) {
      own_unknown_ = after == Answer::kUnknown;
      if (why_.empty()) why_ = Level(item, after_item_).Unknown();
    }
    const bool now = after == Answer::kYes;
    // What no longer counts is over nothing, whatever it was.
    const bool ends = item.role == Role::kBefore && after_ == nullptr && before == Answer::kUnknown;
    const bool was = before == Answer::kYes || ends;
    if (item.movement->at < from_ || was == now) return;
    // What may still be over is not taken back.
    if (after == Answer::kUnknown) return;
    changes.push_back({.now = now,
                       .event_id = std::string(item.event_id),
                       .at = item.movement->at,
                       .own = item.role != Role::kOther,
                       .level = Level(item, now ? after_item_ : before_item_)});
  }

  // The event's own transaction was over, and may still be in its new form.
  void KeepUnknown(std::vector<LimitChange>& changes, size_t first) const {
    if (!own_unknown_) return;
    const auto begin = changes.begin() + static_cast<std::ptrdiff_t>(first);
    changes.erase(std::remove_if(begin, changes.end(), [](const LimitChange& change) { return change.own; }),
                  changes.end());
  }

  // The same claim made of both forms of the changing transaction is no change.
  void CancelOut(std::vector<LimitChange>& changes, size_t first) const {
    const auto own = [](bool now) {
      return [now](const LimitChange& change) { return change.own && change.now == now; };
    };
    const auto begin = changes.begin() + static_cast<std::ptrdiff_t>(first);
    const auto made = std::find_if(begin, changes.end(), own(true));
    const auto taken = std::find_if(begin, changes.end(), own(false));
    if (made == changes.end() || taken == changes.end() || made->event_id != taken->event_id) return;
    changes.erase(std::max(made, taken));
    changes.erase(std::min(made, taken));
  }

  static constexpr Timestamp kNever{Millis{std::numeric_limits<int64_t>::min()}};

  const SweepInput& in_;
  const MoneyHistory& money_;
  const Allowance allowance_;
  const Thresholds thresholds_;
  const uint64_t key_;
  const Movement* before_ = nullptr;  // Where the limit matches it.
  const Movement* after_ = nullptr;
  Item before_item_;
  Item after_item_;
  Timestamp from_;
  Timestamp levels_from_;
  std::vector<Item> items_;
  std::vector<size_t> leaving_;  // Items that are given back at some time, by that time.
  size_t tail_ = 0;
  size_t left_ = 0;
  Totals totals_;
  Timestamp begin_;
  Timestamp end_;
  FoundBucket found_;
  bool bucket_high_ = false;
  const ExchangeRate* rate_ = nullptr;
  Timestamp high_before_ = kNever;
  Timestamp high_after_ = kNever;
  bool own_unknown_ = false;
  std::string_view why_;
};

}  // namespace

Timestamp MovementChange::From() const {
  if (before == nullptr) return after->at;
  if (after == nullptr) return before->at;
  const bool same_until_gone = before->at == after->at && before->amount == after->amount &&
                               before->kind == after->kind && before->direction == after->direction &&
                               before->cross_border == after->cross_border &&
                               before_event_id == after_event_id;
  if (same_until_gone) {
    const Timestamp was = before->GoneAt();
    const Timestamp is = after->GoneAt();
    return was == is ? kTimestampMax : std::min(was, is);
  }
  return std::min(before->at, after->at);
}

std::string_view SweepLimit(const SweepInput& input, std::vector<LimitChange>& changes) {
  return Sweep(input).Run(changes);
}

}  // namespace tocsin::detectors
