#include "daemon/detection/precision.h"

#include <algorithm>

#include "base/bytes.h"

namespace tocsin::daemon {
namespace {

Error Corrupt() { return {ErrorCode::kCorrupt, "precision", "stored bytes are not counts of precision"}; }

}  // namespace

std::vector<std::string_view> Precision::Take(std::span<const alerts::LabelChange> changes, Timestamp at,
                                              std::span<const Rule> rules) {
  std::vector<std::string_view> demoted;
  for (const alerts::LabelChange& change : changes) {
    const auto rule = std::ranges::find(rules, std::string_view(change.detector), &Rule::detector);
    if (rule == rules.end() || at < rule->restored_at) continue;
    if (counts_.size() >= kDetectorsMax && !counts_.contains(change.detector)) continue;
    Counts& counts = counts_[change.detector];
    changed_ = true;
    if (counts.since != rule->restored_at) counts = {.since = rule->restored_at};
    // A label that is taken back may be older than the counts.
    counts.right = std::max<int64_t>(0, counts.right + change.right);
    counts.wrong = std::max<int64_t>(0, counts.wrong + change.wrong);
    if (counts.demoted_at != kTimestampMin || rule->floor <= 0) continue;
    if (counts.labels() < kLabelsMin || counts.share() >= rule->floor) continue;
    counts.demoted_at = at;
    any_demoted_ = true;
    demoted.push_back(rule->detector);
  }
  return demoted;
}

bool Precision::IsDemoted(const Rule& rule) const {
  if (!any_demoted_ || rule.floor <= 0) return false;
  const auto counts = counts_.find(rule.detector);
  return counts != counts_.end() && counts->second.demoted_at != kTimestampMin &&
         counts->second.demoted_at >= rule.restored_at;
}

void Precision::Encode(std::string& out) const {
  if (counts_.empty()) return;
  ByteWriter writer(out);
  writer.Byte(kVersion);
  writer.Varint(counts_.size());
  for (const auto& [detector, counts] : counts_) {
    writer.String(detector);
    writer.Varint(static_cast<uint64_t>(counts.right));
    writer.Varint(static_cast<uint64_t>(counts.wrong));
    writer.Signed(ToMillis(counts.since));
    writer.Signed(ToMillis(counts.demoted_at));
  }
}

Result<Done> Precision::Decode(std::string_view bytes) {
  *this = {};
  if (bytes.empty()) return Done{};
  ByteReader reader(bytes);
  if (reader.Byte() != kVersion) return Corrupt();
  const size_t count = reader.Count();
  if (count == 0 || count > kDetectorsMax) return Corrupt();
  for (size_t i = 0; i < count && reader.ok(); ++i) {
    const std::string detector(reader.String());
    Counts& counts = counts_[detector];
    const uint64_t right = reader.Varint();
    const uint64_t wrong = reader.Varint();
    if (right > INT32_MAX || wrong > INT32_MAX) reader.Fail();
    counts.right = static_cast<int64_t>(right);
    counts.wrong = static_cast<int64_t>(wrong);
    for (Timestamp* const at : {&counts.since, &counts.demoted_at}) {
      const int64_t millis = reader.Signed();
      if (millis < ToMillis(kTimestampMin) || millis > ToMillis(kTimestampMax)) reader.Fail();
      if (reader.ok()) *at = FromMillis(millis);
    }
    any_demoted_ = any_demoted_ || counts.demoted_at != kTimestampMin;
  }
  if (reader.ok() && reader.AtEnd() && counts_.size() == count) return Done{};
  *this = {};
  return Corrupt();
}

}  // namespace tocsin::daemon
