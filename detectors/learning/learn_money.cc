// Keeps MoneyHistory's invariants:
// - entries are in order, one per transaction; at most kEntriesMax, of them at most kUncountedMax uncounted.
// - every week, month and year window that an entry has left has a bucket of each limit declared then, so that a missing
//   bucket means a limit that was not there, and the answer is said to be partial.
#include "detectors/learning/learn_money.h"

#include <algorithm>
#include <limits>
#include <span>

#include "base/check.h"
#include "detectors/limits/account_limits.h"
#include "detectors/state/recent_events.h"

namespace tocsin::detectors {
namespace {

// The share of the list that leaves at once, so that moving the rest is paid once in many events.
constexpr size_t kBatch = 8;

// No transaction before this can be judged again: a late event is at most the horizon old, and changes a transaction at
// most kTied older than itself.
Timestamp JudgedFrom(Timestamp newest) { return newest - RecentEvents::kHorizon - MoneyHistory::kTied; }

// As long as the entry may still matter.
Timestamp LastTime(const MoneyEntry& entry) {
  if (!entry.counted) return entry.ended_last;
  const Timestamp gone = entry.GoneAt();
  return gone == kTimestampMax ? entry.at : std::max(entry.at, gone);
}

// Adds what leaves the list to the buckets of the limits that count it.
class Folder {
 public:
  Folder(const Context& context, const Profile& profile, MoneyHistory& money, Timestamp newest)
      : table_(context.limits), money_(money), zone_(AccountZone(profile)), newest_(newest) {}

  // `staying` are the entries before it that do not leave: given back lately.
  void Fold(const MoneyEntry& entry, std::span<const MoneyEntry* const> staying) {
    if (!entry.counted) return;
    for (const Limit& limit : table_.limits) {
      if (limit.window != Limit::Window::kCalendar || limit.unit == CalendarUnit::kDay) continue;
      MoneyBucket* bucket = BucketOf(limit, entry.at);
      if (bucket != nullptr && entry.Live() && Matches(limit, entry) == Match::kYes) {
        FoldInto(*bucket, limit, entry, staying);
      }
    }
    // Where it has been given back, it still counts in the windows before; they can no longer be judged.
    money_.forgotten_until = std::max(money_.forgotten_until, LastTime(entry));
  }

 private:
  std::optional<int64_t> AmountOf(const Limit& limit, const Movement& movement) const {
    return limit.max ? ConvertForSum(movement.amount, limit.max->currency, table_) : 0;
  }

  void FoldInto(MoneyBucket& bucket, const Limit& limit, const MoneyEntry& entry,
                std::span<const MoneyEntry* const> staying) const {
    int64_t sum = bucket.sum_minor;
    uint32_t count = bucket.count;
    const auto add = [](int64_t& to_sum, uint32_t& to_count, std::optional<int64_t> amount) {
      to_sum = SaturatingAdd(to_sum, amount.value_or(0));
      if (to_count < std::numeric_limits<uint32_t>::max()) ++to_count;
    };
    for (const MoneyEntry* earlier : staying) {
      const bool counts = earlier->Live() && earlier->at >= bucket.begin && earlier->GoneAt() > entry.at;
      if (counts && Matches(limit, *earlier) == Match::kYes) add(sum, count, AmountOf(limit, *earlier));
    }
    const std::optional<int64_t> amount = AmountOf(limit, entry);
    add(sum, count, amount);
    // An amount without a rate is not judged by its sum.
    if (amount) bucket.peak_minor = std::max(bucket.peak_minor, sum);
    bucket.peak_count = std::max(bucket.peak_count, count);
    if (entry.GoneAt() != kTimestampMax) return;
    add(bucket.sum_minor, bucket.count, amount);
    if (!amount && bucket.unconverted < bucket.count) ++bucket.unconverted;
  }

  // nullptr when nothing can be judged in that window any more, or there are too many windows.
  MoneyBucket* BucketOf(const Limit& limit, Timestamp at) {
    const uint64_t key = LimitKey(limit);
    const Timestamp begin = zone_.BeginOf(limit.unit, at);
    const Timestamp end = zone_.EndOf(limit.unit, at);
    if (end <= JudgedFrom(newest_)) return nullptr;
    std::vector<MoneyBucket>& buckets = money_.buckets;
    if (const MoneyBucket* found = FindBucket(money_, key, begin).bucket) return &buckets[static_cast<size_t>(found - buckets.data())];
    if (buckets.size() == MoneyHistory::kBucketsMax) {
      const auto oldest = std::ranges::min_element(buckets, {}, &MoneyBucket::end);
      if (oldest->end >= end) return nullptr;
      buckets.erase(oldest);
    }
    const auto place = std::ranges::find_if(buckets, [&](const MoneyBucket& bucket) {
      return bucket.limit_key != key ? bucket.limit_key > key : bucket.begin > begin;
    });
    return &*buckets.insert(place, {.limit_key = key, .begin = begin, .end = end, .partial = money_.forgotten_until >= begin});
  }

  const LimitTable& table_;
  MoneyHistory& money_;
  const TimeZone zone_;
  const Timestamp newest_;
};

// Takes out the first `count` entries that `leaves` names among the oldest ones.
template <class Leaves>
void TakeOut(MoneyHistory& money, size_t count, Folder& folder, Leaves leaves) {
  std::vector<const MoneyEntry*> staying;
  size_t end = 0;
  for (size_t left = 0; end < money.entries.size() && left < count; ++end) {
    const MoneyEntry& entry = money.entries[end];
    if (leaves(entry)) {
      folder.Fold(entry, staying);
      ++left;
    } else {
      staying.push_back(&entry);
    }
  }
  // `staying` is in order: what stays moves to the front of the part that was looked at.
  size_t kept = 0;
  for (const MoneyEntry* entry : staying) {
    const auto from = static_cast<size_t>(entry - money.entries.data());
    if (from != kept) money.entries[kept] = std::move(money.entries[from]);
    ++kept;
  }
  money.entries.erase(money.entries.begin() + static_cast<std::ptrdiff_t>(kept),
                      money.entries.begin() + static_cast<std::ptrdiff_t>(end));
}

void Bound(MoneyHistory& money, Timestamp newest, bool uncounted_added, const Context& context, const Profile& profile) {
  const Timestamp cutoff = newest - MoneyHistory::kEntriesKept;
  const auto expired = [cutoff](const MoneyEntry& entry) { return LastTime(entry) < cutoff; };
  const auto uncounted = [](const MoneyEntry& entry) { return !entry.counted; };
  const auto count_if = [&](auto predicate) { return static_cast<size_t>(std::ranges::count_if(money.entries, predicate)); };

  size_t leaving = 0;
  for (const MoneyEntry& entry : money.entries) {
    if (entry.at >= cutoff) break;
    leaving += expired(entry) ? 1 : 0;
  }
  const bool expire = leaving > 0 && leaving * kBatch >= money.entries.size();
  const bool crowded = money.entries.size() > MoneyHistory::kEntriesMax;
  const bool attempts_crowded = uncounted_added && count_if(uncounted) > MoneyHistory::kUncountedMax;
  if (!expire && !crowded && !attempts_crowded) return;

  Folder folder(context, profile, money, newest);
  if (expire) {
    std::erase_if(money.buckets, [&](const MoneyBucket& bucket) { return bucket.end <= JudgedFrom(newest); });
    TakeOut(money, leaving, folder, expired);
  }
  if (attempts_crowded) TakeOut(money, MoneyHistory::kUncountedMax / kBatch, folder, uncounted);
  if (money.entries.size() > MoneyHistory::kEntriesMax) {
    TakeOut(money, MoneyHistory::kEntriesMax / kBatch, folder, [](const MoneyEntry&) { return true; });
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
  AmountHistogram& added = money.histograms.emplace_back();
  added.kind = kind;
  added.currency = currency;
  return added;
}

}  // namespace

void LearnMoney(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state) {
  CHECK(event.transaction() != nullptr);
  const Movement own = ReadMovement(event, state.profile().owner.country);
  const MoneyEntry* known = state.money().Find(own.transaction_key);
  const bool first = own.counted && (known == nullptr || !known->counted);

  if (known != nullptr) {
    const Movement merged = Merge(*known, own);
    const std::string_view event_id = FirstEventId(*known, own, event.event_id.view());
    if (merged == *known && event_id == known->event_id) return;
    const auto index = static_cast<size_t>(known - state.money().entries.data());
    std::vector<MoneyEntry>& entries = state.MutableMoney().entries;
    static_cast<Movement&>(entries[index]) = merged;
    if (event_id != entries[index].event_id) entries[index].event_id = event_id;
    Reposition(entries, index);
  } else {
    std::vector<MoneyEntry>& entries = state.MutableMoney().entries;
    MoneyEntry entry{own, own.counted ? event.event_id.str() : std::string()};
    entries.insert(std::ranges::upper_bound(entries, entry, Before), std::move(entry));
  }

  MoneyHistory& money = state.MutableMoney();
  if (first && !suspicious && own.direction == schemas::Direction::kOut && own.amount.minor > 0) {
    HistogramOf(money, own.kind, own.amount.currency).Learn(own.amount.minor, own.at);
  }
  const Timestamp newest = std::max(event.occurred_at, money.entries.back().at);
  Bound(money, newest, known == nullptr && !own.counted, context, state.profile());
}

}  // namespace tocsin::detectors
