#include "detectors/pair_counts.h"

#include <algorithm>
#include <tuple>

namespace tocsin::detectors {

void PairCounts::DropRarest() {
  const auto rarest = std::min_element(entries_.begin(), entries_.end(),
                                       [](const Entry& a, const Entry& b) { return a.count < b.count; });
  const bool alone = (rarest == entries_.begin() || (rarest - 1)->upper != rarest->upper) &&
                     (rarest + 1 == entries_.end() || (rarest + 1)->upper != rarest->upper);
  if (alone) --uppers_;
  total_ = std::max(0.0, total_ - rarest->count);
  entries_.erase(rarest);
}

void PairCounts::Add(uint32_t upper, uint32_t lower, double weight) {
  const auto find = [&] {
    return std::lower_bound(
        entries_.begin(), entries_.end(), std::tuple(upper, lower),
        [](const Entry& entry, const auto& key) { return std::tie(entry.upper, entry.lower) < key; });
  };
  auto at = find();
  if (at == entries_.end() || at->upper != upper || at->lower != lower) {
    if (entries_.size() >= kPairsMax) {
      DropRarest();
      at = find();
    }
    const bool beside =
        (at != entries_.end() && at->upper == upper) || (at != entries_.begin() && (at - 1)->upper == upper);
    if (!beside) ++uppers_;
    at = entries_.insert(at, {.upper = upper, .lower = lower});
  }
  at->count += weight;
  total_ += weight;
}

void PairCounts::Add(const PairCounts& more, double factor) {
  for (const Entry& entry : more.entries_) Add(entry.upper, entry.lower, entry.count * factor);
}

PairTally PairCounts::Of(uint32_t upper, uint32_t lower) const {
  PairTally tally{.total = total_, .uppers = uppers_};
  auto at = std::lower_bound(entries_.begin(), entries_.end(), upper,
                             [](const Entry& entry, uint32_t wanted) { return entry.upper < wanted; });
  for (; at != entries_.end() && at->upper == upper; ++at) {
    tally.upper += at->count;
    ++tally.kinds_in_upper;
    if (at->lower == lower) tally.lower = at->count;
  }
  return tally;
}

void PairCounts::Scale(double factor) {
  total_ *= factor;
  for (Entry& entry : entries_) entry.count *= factor;
}

void PairCounts::Encode(ByteWriter& writer) const {
  writer.Double(total_);
  writer.Varint(entries_.size());
  for (const Entry& entry : entries_) {
    writer.Varint(entry.upper);
    writer.Varint(entry.lower);
    writer.Double(entry.count);
  }
}

bool PairCounts::Decode(ByteReader& reader) {
  total_ = reader.Double();
  const size_t count = reader.Count(10);
  if (count > kPairsMax || !(total_ >= 0 && total_ <= 1e30)) return false;
  entries_.resize(count);
  uppers_ = 0;
  for (size_t i = 0; i < count; ++i) {
    Entry& entry = entries_[i];
    const uint64_t upper = reader.Varint();
    const uint64_t lower = reader.Varint();
    entry.count = reader.Double();
    if (upper > UINT32_MAX || lower > UINT32_MAX || !(entry.count >= 0 && entry.count <= 1e30)) return false;
    entry.upper = static_cast<uint32_t>(upper);
    entry.lower = static_cast<uint32_t>(lower);
    if (i == 0 || entries_[i - 1].upper != entry.upper) ++uppers_;
    if (i > 0 && std::tie(entries_[i - 1].upper, entries_[i - 1].lower) >= std::tie(entry.upper, entry.lower))
      return false;
  }
  return reader.ok();
}

}  // namespace tocsin::detectors
