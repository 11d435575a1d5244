// What is common among all accounts of a partition, as of the last full hour: an event meets the same counts
// in whatever order those of the last minutes arrived.
//
// What an event teaches is counted in its own hour. An hour is added to what events meet once they are
// kSettling beyond its end; until then it is open. An event that comes late may still meet the counts of an
// hour ago, which are kept for it. State like an account's, committed with it, in parts: those that events
// meet change once an hour.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "detectors/population.h"

namespace tocsin::detectors {

class PopulationHistory {
 public:
  static constexpr uint8_t kVersion = 1;  // Of Part::kOpen; the others are a Population each.
  static constexpr Millis kSettling = std::chrono::minutes(15);
  // One event that is ahead of all others by more than this moves nothing, and is not counted: a clock is
  // wrong more often than a partition rests so long. The second one in a row is believed.
  static constexpr int64_t kLeapHours = 24;

  enum class Part : uint8_t { kMet, kMetBefore, kOpen };

  // Adds the hours up that an event at `at` meets. Before AsOf and CountsOf are asked about it.
  void MoveTo(Timestamp at);
  // What an event at `at` is judged by; of one more than an hour late, by what the hour before met.
  [[nodiscard]] const Population& AsOf(Timestamp at) const {
    return MetBy(at) < met_until_ ? met_before_ : met_;
  }
  // Where it is counted, or what nobody meets. Valid until MoveTo.
  [[nodiscard]] Population& CountsOf(Timestamp at);

  [[nodiscard]] bool changed(Part part) const;
  void ClearChanged();
  void Encode(Part part, std::string& out) const;
  // kCorrupt for bytes Encode cannot have written; nothing is changed then. Without the other parts kMet is
  // what versions before this one wrote.
  [[nodiscard]] Result<Done> Decode(Part part, std::string_view bytes);
  friend bool operator==(const PopulationHistory& a, const PopulationHistory& b) {
    return a.met_until_ == b.met_until_ && a.leapt_ == b.leapt_ && a.met_ == b.met_ &&
           a.met_before_ == b.met_before_ && a.open_ == b.open_;
  }

 private:
  static constexpr int64_t kNever = INT64_MIN;

  // Hours are numbered from 1970; an event meets those before this one.
  [[nodiscard]] static int64_t MetBy(Timestamp at);
  [[nodiscard]] Population& Open(int64_t hour) { return open_[static_cast<size_t>(hour & 1)]; }

  int64_t met_until_ = kNever;  // met_ has all hours before this one, met_before_ all but the last of them.
  Population met_;
  Population met_before_;
  std::array<Population, 2> open_;  // Of met_until_ and the hour after it, by their last bit.
  Population uncounted_;
  bool leapt_ = false;  // The event before was one that moved nothing.
  bool met_before_changed_ = false;
  bool moved_ = false;
};

}  // namespace tocsin::detectors
