// Keeps MoneyHistory's invariants:
// - entries are in order, one per transaction; at most kEntriesMax, of them at most kUncountedMax uncounted;
// the ids of their events take at most kMoneyIdBytesMax.
// - every week, month and year window that an entry has left has a bucket of each limit declared then, so
// that a missing
//   bucket means a limit that was not there, and the answer is said to be partial.
// - suspected: by key, each of an entry, and each held entry has one.
// - the levels of entries up to forgotten_until are in the peaks of their buckets, of later ones not.
#include "detectors/learning/learn_money.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "detectors/learning/lesson.h"
#include "detectors/limits/account_limits.h"
#include "detectors/payments/counterparty.h"
#include "detectors/state/codec.h"
#include "detectors/state/recent_events.h"
#include "detectors/state/room.h"

namespace tocsin::detectors {
namespace {

// The share of the list that leaves at once, so that moving the rest is paid once in many events.
constexpr size_t kBatch = 8;

// No transaction before this can be judged again: a late event is at most the horizon old, and changes a
// transaction at most kTied older than itself.
Timestamp JudgedFrom(Timestamp newest) { return newest - RecentEvents::kHorizon - MoneyHistory::kTied; }

// As long as the entry may still matter.
Timestamp LastTime(const MoneyEntry& entry) {
  if (!entry.counted) return entry.ended_last;
  const Timestamp gone = entry.GoneAt();
  return gone == kTimestampMax ? entry.at : std::max(entry.at, gone);
}

// Folds the oldest part of the list into the buckets of the limits that count it. An entry passes once: its
// level, which the bucket's peak keeps, is taken while everything before it is still known. It leaves then
// or, when it was given back lately, in a later fold.
class Folder {
 public:
  Folder(const Context& context, const schemas::AccountProfile& owner, MoneyHistory& money, Timestamp newest)
      : table_(context.limits), money_(money), zone_(AccountZone(owner)), newest_(newest) {}

  // The first `end` entries pass; those that `leaves` names are taken out.
  template <class Leaves>
  void Fold(size_t end, Leaves leaves) {
    const std::span<const MoneyEntry> passing(money_.entries.data(), end);
    std::vector<bool> leaving(end);
    for (size_t i = 0; i < end; ++i) leaving[i] = leaves(passing[i]);
    std::erase_if(money_.buckets,
                  [&](const MoneyBucket& bucket) { return bucket.end <= JudgedFrom(newest_); });
    for (const Limit& limit : table_.limits) {
      if (limit.window == Limit::Window::kCalendar && limit.unit != CalendarUnit::kDay)
        FoldLimit(limit, passing, leaving);
    }
    for (size_t i = 0; i < end; ++i) {
      if (!passing[i].counted) continue;
      // What is taken out before its end counted in windows up to there; they can no longer be judged.
      const Timestamp known_until = leaving[i] ? LastTime(passing[i]) : passing[i].at;
      money_.forgotten_until = std::max(money_.forgotten_until, known_until);
    }
    size_t kept = 0;
    for (size_t i = 0; i < end; ++i) {
      if (leaving[i]) continue;
      if (kept != i) money_.entries[kept] = std::move(money_.entries[i]);
      ++kept;
    }
    const auto begin = money_.entries.begin();
    money_.entries.erase(begin + static_cast<std::ptrdiff_t>(kept), begin + static_cast<std::ptrdiff_t>(end));
    GiveBackRoom(money_.entries);
  }

 private:
  struct Sum {
    int64_t minor = 0;
    uint32_t count = 0;
    void Add(std::optional<int64_t> amount) { Add(amount.value_or(0), 1); }
    void Add(int64_t more_minor, size_t more) {
      minor = SaturatingAdd(minor, more_minor);
      count += static_cast<uint32_t>(std::min<size_t>(more, std::numeric_limits<uint32_t>::max() - count));
    }
  };
  struct Ending {
    Timestamp gone;
    int64_t minor = 0;
    bool operator>(const Ending& other) const { return gone > other.gone; }
  };
  // Listed and given back at some time. Asked for ever later times.
  class Endings {
   public:
    void Add(const Ending& ending) {
      minor_ += ending.minor;
      list_.push(ending);
    }
    // Adds what has not been given back at `at`.
    void AddTo(Sum& sum, Timestamp at) {
      for (; !list_.empty() && list_.top().gone <= at; list_.pop()) minor_ -= list_.top().minor;
      const auto minor = std::min(minor_, Wide{std::numeric_limits<int64_t>::max()});
      sum.Add(static_cast<int64_t>(minor), list_.size());
    }

   private:
    __extension__ using Wide = __int128;
    std::priority_queue<Ending, std::vector<Ending>, std::greater<>> list_;  // The first to go on top.
    Wide minor_ = 0;
  };

  void FoldLimit(const Limit& limit, std::span<const MoneyEntry> passing, const std::vector<bool>& leaving) {
    const uint64_t key = LimitKey(limit);
    Timestamp window_end = kTimestampMin;
    std::optional<size_t> bucket_index;
    Sum lasting;  // In the bucket already, or listed and never given back.
    Endings ending;
    for (size_t i = 0; i < passing.size(); ++i) {
      const MoneyEntry& entry = passing[i];
      if (!entry.counted) continue;
      if (entry.at >= window_end) {
        window_end = zone_.EndOf(limit.unit, entry.at);
        bucket_index = BucketOf(key, zone_.BeginOf(limit.unit, entry.at), window_end);
        ending = {};
        lasting = {};
        if (bucket_index)
          lasting = {money_.buckets[*bucket_index].sum_minor, money_.buckets[*bucket_index].count};
      }
      if (!bucket_index || !entry.Live() || Matches(limit, entry) != Match::kYes) continue;
      MoneyBucket& bucket = money_.buckets[*bucket_index];
      const std::optional<int64_t> amount =
          limit.max ? ConvertForSum(entry.amount, limit.max->currency, table_) : 0;
      if (entry.at > money_.forgotten_until) {
        Sum level = lasting;
        ending.AddTo(level, entry.at);
        level.Add(amount);
        // An amount without a rate is not judged by its sum.
        if (amount) bucket.peak_minor = std::max(bucket.peak_minor, level.minor);
        bucket.peak_count = std::max(bucket.peak_count, level.count);
      }
      if (entry.GoneAt() != kTimestampMax) {
        ending.Add({.gone = entry.GoneAt(), .minor = amount.value_or(0)});
        continue;
      }
      lasting.Add(amount);
      if (!leaving[i]) continue;
      Sum folded{bucket.sum_minor, bucket.count};
      folded.Add(amount);
      bucket.sum_minor = folded.minor;
      bucket.count = folded.count;
      if (!amount && bucket.unconverted < bucket.count) ++bucket.unconverted;
    }
  }

  // nullopt when nothing can be judged in that window any more, or there are too many windows.
  std::optional<size_t> BucketOf(uint64_t key, Timestamp begin, Timestamp end) {
    if (end <= JudgedFrom(newest_)) return std::nullopt;
    std::vector<MoneyBucket>& buckets = money_.buckets;
    if (const MoneyBucket* found = FindBucket(money_, key, begin).bucket)
      return static_cast<size_t>(found - buckets.data());
    if (buckets.size() == MoneyHistory::kBucketsMax) {
      const auto oldest = std::ranges::min_element(buckets, {}, &MoneyBucket::end);
      if (oldest->end >= end) return std::nullopt;
      buckets.erase(oldest);
    }
    const auto place = std::ranges::find_if(buckets, [&](const MoneyBucket& bucket) {
      return bucket.limit_key != key ? bucket.limit_key > key : bucket.begin > begin;
    });
    const bool partial = money_.forgotten_until >= begin;
    const auto made =
        buckets.insert(place, {.limit_key = key, .begin = begin, .end = end, .partial = partial});
    return static_cast<size_t>(made - buckets.begin());
  }

  const LimitTable& table_;
  MoneyHistory& money_;
  const TimeZone zone_;
  const Timestamp newest_;
};

// Too many attempts that never counted: the oldest go, which no limit notices.
void DropAttempts(std::vector<MoneyEntry>& entries) {
  size_t dropped = 0;
  std::erase_if(entries, [&](const MoneyEntry& entry) {
    return !entry.counted && dropped < MoneyHistory::kUncountedMax / kBatch && ++dropped > 0;
  });
}

// Ids of any length, as many as there may be entries, would not fit into a record of the changelog.
bool IdsTakeTooMuch(const std::vector<MoneyEntry>& entries) {
  if (entries.size() <= kMoneyIdBytesMax / kIdBytesMax) return false;
  size_t bytes = 0;
  for (const MoneyEntry& entry : entries) bytes += entry.event_id.size();
  return bytes > kMoneyIdBytesMax;
}

// What is known of payments that have left the list goes.
void ForgetSuspected(MoneyHistory& money) {
  if (money.suspected.empty()) return;
  std::vector<SuspectedPayment> kept;
  for (const MoneyEntry& entry : money.entries) {
    if (const SuspectedPayment* const one = money.FindSuspected(entry.transaction_key)) kept.push_back(*one);
  }
  std::ranges::sort(kept, {}, &SuspectedPayment::transaction_key);
  money.suspected = std::move(kept);
}

void Bound(MoneyHistory& money, Timestamp newest, bool uncounted_added, const Context& context,
           const schemas::AccountProfile& owner) {
  if (uncounted_added) {
    const auto uncounted = std::ranges::count(money.entries, false, &MoneyEntry::counted);
    if (static_cast<size_t>(uncounted) > MoneyHistory::kUncountedMax) DropAttempts(money.entries);
  }
  const Timestamp cutoff = newest - MoneyHistory::kEntriesKept;
  const auto expired = [cutoff](const MoneyEntry& entry) { return LastTime(entry) < cutoff; };
  const auto stays = [newest](const MoneyEntry& entry) {
    return entry.held && entry.TeachesHabit() && newest - entry.at <= MoneyHistory::kHeldKept;
  };
  size_t old = 0;
  size_t leaving = 0;
  size_t staying = 0;
  for (; old < money.entries.size() && money.entries[old].at < cutoff; ++old) {
    if (!expired(money.entries[old])) continue;
    ++(stays(money.entries[old]) ? staying : leaving);
  }
  size_t excess = staying > MoneyHistory::kHeldMax ? staying - MoneyHistory::kHeldMax : 0;
  leaving += excess;
  if (leaving > 0 && leaving * kBatch >= money.entries.size()) {
    Folder(context, owner, money, newest).Fold(old, [&](const MoneyEntry& entry) {
      if (!expired(entry)) return false;
      if (!stays(entry)) return true;
      if (excess == 0) return false;
      --excess;
      return true;
    });
    ForgetSuspected(money);
  } else if (money.entries.size() > MoneyHistory::kEntriesMax || IdsTakeTooMuch(money.entries)) {
    Folder(context, owner, money, newest).Fold(money.entries.size() / kBatch, [](const MoneyEntry&) {
      return true;
    });
    ForgetSuspected(money);
  }
}

// Moves the entry to where its time belongs.
void Reposition(std::vector<MoneyEntry>& entries, size_t index) {
  const auto entry = entries.begin() + static_cast<std::ptrdiff_t>(index);
  const auto earlier = std::upper_bound(entries.begin(), entry, *entry, Before);
  if (earlier != entry) {
    std::rotate(earlier, entry, entry + 1);
  } else {
    std::rotate(entry, entry + 1, std::upper_bound(entry + 1, entries.end(), *entry, Before));
  }
}

AmountHistogram& HistogramOf(MoneyHistory& money, schemas::TransactionKind kind, Currency currency) {
  if (const AmountHistogram* known = money.Histogram(kind, currency)) {
    return money.histograms[static_cast<size_t>(known - money.histograms.data())];
  }
  if (money.histograms.size() == MoneyHistory::kHistogramsMax) {
    money.histograms.erase(std::ranges::min_element(money.histograms, {}, &AmountHistogram::updated_at));
  }
  MakeRoom(money.histograms);
  AmountHistogram& added = money.histograms.emplace_back();
  added.kind = kind;
  added.currency = currency;
  return added;
}

void LearnHabit(const MoneyEntry& entry, MoneyHistory& money) {
  if (entry.TeachesHabit())
    HistogramOf(money, entry.kind, entry.amount.currency).Learn(entry.amount.minor, entry.at);
}

// What waits of the list is newer than this.
Timestamp SettledUntil(const std::vector<MoneyEntry>& entries) {
  return entries.empty() ? kTimestampMin : entries.back().at - MoneyHistory::kSettling;
}

// Learns what waits of the payments after `from`, and is old enough.
void Settle(Timestamp from, MoneyHistory& money) {
  const Timestamp until = SettledUntil(money.entries);
  auto entry = std::ranges::upper_bound(money.entries, from, {}, &MoneyEntry::at);
  for (; entry != money.entries.end() && entry->at <= until; ++entry) {
    if (!entry->waits) continue;
    entry->waits = false;
    LearnHabit(*entry, money);
  }
}

// Learns what is held and has been ripe for long enough that no late event need be judged without it, whether
// the event at hand is under suspicion or not: that nobody objected has been decided.
// A late event knows only of the cases of its own time.
void LearnRipe(Timestamp event_at, const Hold& hold, MoneyHistory& money) {
  if (money.suspected.empty()) return;
  const Timestamp at = std::min(money.entries.back().at, event_at) - MoneyHistory::kLateness;
  if (!MoneyHistory::EndsQuarantine(at, hold)) return;
  for (MoneyEntry& entry : money.entries) {
    if (entry.at > at - hold.quarantine) return;
    if (!entry.held) continue;
    entry.held = false;
    LearnHabit(entry, money);
  }
}

struct Lessons {
  bool waits = false;
  bool held = false;
};
// A payment is held when one of its events was under suspicion, whichever came first. What has been learnt,
// or refused, stays so.
Lessons LessonsOf(const MoneyEntry* known, const Movement& own, bool suspicious) {
  if (known == nullptr || !known->counted)
    return {.waits = own.counted && !suspicious, .held = own.counted && suspicious};
  if (known->waits && own.counted && suspicious) return {.held = true};
  return {.waits = known->waits, .held = known->held};
}

}  // namespace

void LearnMoney(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state) {
  CHECK(event.transaction() != nullptr);
  Movement own = ReadMovement(event, state.profile().OwnerAt(event.occurred_at).country);
  if (own.counted) own.payee_tag = PayeeTagOf(*event.transaction());
  const MoneyEntry* known = state.money().Find(own.transaction_key);
  const auto [waits, held] = LessonsOf(known, own, suspicious);
  const bool newly_held = held && (known == nullptr || !known->held);
  const Timestamp settled = SettledUntil(state.money().entries);

  if (known != nullptr) {
    const Movement merged = Merge(*known, own);
    const std::string_view event_id = FirstEventId(*known, own, event.event_id.view());
    if (merged == *known && event_id == known->event_id && waits == known->waits && held == known->held)
      return;
    const auto index = static_cast<size_t>(known - state.money().entries.data());
    std::vector<MoneyEntry>& entries = state.MutableMoney().entries;
    static_cast<Movement&>(entries[index]) = merged;
    if (event_id != entries[index].event_id) entries[index].event_id = event_id;
    entries[index].waits = waits;
    entries[index].held = held;
    Reposition(entries, index);
  } else {
    std::vector<MoneyEntry>& entries = state.MutableMoney().entries;
    MoneyEntry entry{own, own.counted ? event.event_id.str() : std::string(), waits, held};
    MakeRoom(entries);
    entries.insert(std::ranges::upper_bound(entries, entry, Before), std::move(entry));
  }

  MoneyHistory& money = state.MutableMoney();
  if (newly_held) (void)money.Suspected(own.transaction_key);
  // What the newest has left behind, and this one, if it comes as late as that.
  Settle(std::min(settled, own.at - Millis{1}), money);
  LearnRipe(event.occurred_at, HoldOf(context), money);
  const Timestamp newest = std::max(event.occurred_at, money.entries.back().at);
  Bound(money, newest, known == nullptr && !own.counted, context, state.profile().owner);
}

void HoldPayment(MoneyEntry& entry, MoneyHistory& money) {
  entry.waits = false;
  entry.held = true;
  (void)money.Suspected(entry.transaction_key);
}

void AnswerMoney(bool mine, Timestamp at, const std::vector<std::string>& causes, AccountState& state) {
  if (state.money().entries.empty()) return;
  std::vector<uint32_t> keys;
  keys.reserve(causes.size());
  for (const std::string& cause : causes) keys.push_back(CauseKey(cause));
  const auto is_meant = [&](const MoneyEntry& entry) {
    if (entry.at > at || !(entry.held || (entry.waits && !mine))) return false;
    // Where one was not the owner's, nobody has said of the others that they were.
    if (!mine && entry.held) return true;
    if (std::ranges::find(causes, entry.event_id.view()) != causes.end()) return true;
    const SuspectedPayment* const one = state.money().FindSuspected(entry.transaction_key);
    return one != nullptr && one->found_with != 0 && std::ranges::find(keys, one->found_with) != keys.end();
  };
  if (std::ranges::none_of(state.money().entries, is_meant)) return;
  MoneyHistory& money = state.MutableMoney();
  for (MoneyEntry& entry : money.entries) {
    if (!is_meant(entry)) continue;
    entry.waits = false;
    entry.held = false;
    if (mine)
      LearnHabit(entry, money);
    else
      money.Suspected(entry.transaction_key).refused = true;
  }
}

}  // namespace tocsin::detectors
