#include "detectors/population_history.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace tocsin::detectors {
namespace {

int64_t HourOf(Timestamp at) { return std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count(); }

}  // namespace

int64_t PopulationHistory::MetBy(Timestamp at) {
  return HourOf(std::max(at, kTimestampMin + kSettling) - kSettling);
}

void PopulationHistory::MoveTo(Timestamp at) {
  const int64_t until = MetBy(at);
  const bool leaps = met_until_ != kNever && until - met_until_ > kLeapHours;
  const bool believed = std::exchange(leapt_, leaps && !leapt_);
  moved_ = moved_ || believed != leapt_;
  if (until <= met_until_ || leapt_) return;
  moved_ = true;
  met_before_changed_ = true;
  if (met_until_ == kNever) {
    met_before_ = met_;
  } else {
    // Two hours are open; in the third and those after it nothing has happened.
    for (int hours = 0; met_until_ < until && hours < 3; ++hours, ++met_until_) {
      met_before_ = met_;
      met_.Add(std::exchange(Open(met_until_), {}));
    }
  }
  met_until_ = until;
}

Population& PopulationHistory::CountsOf(Timestamp at) {
  const int64_t hour = HourOf(at);
  if (hour < met_until_) return met_;
  if (hour <= met_until_ + 1) return Open(hour);
  uncounted_ = {};
  return uncounted_;
}

bool PopulationHistory::changed(Part part) const {
  switch (part) {
    case Part::kMet:
      return met_.changed();
    case Part::kMetBefore:
      return met_before_changed_;
    case Part::kOpen:
      return moved_ || open_[0].changed() || open_[1].changed();
  }
  return false;
}

void PopulationHistory::ClearChanged() {
  met_.ClearChanged();
  met_before_changed_ = false;
  moved_ = false;
  for (Population& open : open_) open.ClearChanged();
}

void PopulationHistory::Encode(Part part, std::string& out) const {
  switch (part) {
    case Part::kMet:
      return met_.Encode(out);
    case Part::kMetBefore:
      return met_before_.Encode(out);
    case Part::kOpen:
      break;
  }
  if (met_until_ == kNever) return;
  ByteWriter writer(out);
  writer.Byte(kVersion);
  writer.Varint(static_cast<uint64_t>(met_until_));
  writer.Bool(leapt_);
  for (const Population& open : open_) {
    std::string bytes;
    open.Encode(bytes);
    writer.String(bytes);
  }
}

Result<Done> PopulationHistory::Decode(Part part, std::string_view bytes) {
  if (part == Part::kMet) return met_.Decode(bytes);
  if (part == Part::kMetBefore) return met_before_.Decode(bytes);
  int64_t met_until = kNever;
  bool leapt = false;
  std::array<Population, 2> open;
  if (!bytes.empty()) {
    ByteReader reader(bytes);
    const bool known = reader.Byte() == kVersion;
    met_until = static_cast<int64_t>(reader.Varint());
    leapt = reader.Bool();
    for (Population& one : open) {
      if (Result<Done> read = one.Decode(reader.String()); !read) return read;
    }
    if (!known || !reader.ok() || !reader.AtEnd() || met_until < 0 || met_until > HourOf(kTimestampMax)) {
      return Error{.code = ErrorCode::kCorrupt,
                   .field = "population's open hours",
                   .detail = "not what this or an earlier version wrote"};
    }
  }
  met_until_ = met_until;
  leapt_ = leapt;
  open_ = std::move(open);
  return Done{};
}

}  // namespace tocsin::detectors
