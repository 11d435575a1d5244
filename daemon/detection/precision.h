// How often each detector was right, by what people said of its findings; and which detectors have gone to
// shadow because they were wrong too often. Kept for each partition, in its state, so that a restart and a
// replay know the same (docs/adr/0015).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/labels.h"
#include "base/result.h"
#include "base/time.h"
#include "detectors/detector_info.h"

namespace tocsin::daemon {

// Thread safety: none; one partition's.
class Precision {
 public:
  static constexpr uint8_t kVersion = 1;
  static constexpr size_t kDetectorsMax = 256;
  // Fewer labels than this say nothing: of thirty all wrong, a detector that is right one time in ten remains
  // with 4 %.
  static constexpr int64_t kLabelsMin = 30;

  struct Counts {
    int64_t right = 0;
    int64_t wrong = 0;
    Timestamp since = kTimestampMin;       // Of the restoring by an operator; older labels are not counted.
    Timestamp demoted_at = kTimestampMin;  // kTimestampMin: it is not.
    [[nodiscard]] int64_t labels() const { return right + wrong; }
    [[nodiscard]] double share() const {
      return labels() == 0 ? 1 : static_cast<double>(right) / static_cast<double>(labels());
    }
    friend bool operator==(const Counts&, const Counts&) = default;
  };

  // What one detector's configuration says.
  struct Rule {
    std::string_view detector;
    double floor = 0;  // 0: never.
    Timestamp restored_at = kTimestampMin;
  };

  // Counts the changes of event time `at`. Gives the detectors that go to shadow by them.
  std::vector<std::string_view> Take(std::span<const alerts::LabelChange> changes, Timestamp at,
                                     std::span<const Rule> rules);
  // It has gone to shadow and was not restored since. Costs nothing while none has.
  [[nodiscard]] bool IsDemoted(const Rule& rule) const;
  [[nodiscard]] bool any_demoted() const { return any_demoted_; }
  [[nodiscard]] const std::map<std::string, Counts, std::less<>>& counts() const { return counts_; }

  [[nodiscard]] bool changed() const { return changed_; }
  void ClearChanged() { changed_ = false; }
  // Nothing when nobody has said anything yet.
  void Encode(std::string& out) const;
  [[nodiscard]] Result<Done> Decode(std::string_view bytes);

 private:
  std::map<std::string, Counts, std::less<>> counts_;
  bool any_demoted_ = false;
  bool changed_ = false;
};

}  // namespace tocsin::daemon
