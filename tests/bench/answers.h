// What the detectors answered to the events of a benchmark. One that few of them could judge says little of
// what they cost.
#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/check.h"
#include "detectors/detector_set.h"

namespace tocsin::test {

class Answers {
 public:
  void Take(const schemas::Event& event, const detectors::DetectionResult& result) {
    types_ |= detectors::Mask(event.type);
    ++events_;
    alerts_ += result.AnyAlert() ? 1 : 0;
    for (size_t i = 0; i < detectors::kDetectorCount; ++i) {
      const detectors::Verdict& verdict = result.verdicts[i];
      answered_[i] = answered_[i] || verdict.kind() != detectors::Verdict::Kind::kNotEvaluable;
      const bool asked = (detectors::Catalogue()[i].events & detectors::Mask(event.type)) != 0;
      if (asked && !answered_[i]) why_[i] = verdict.why();
    }
  }

  // "sensitive_burst, user_reported": those that could judge none of the events.
  [[nodiscard]] std::string Silent() const {
    std::string silent;
    for (size_t i = 0; i < detectors::kDetectorCount; ++i) {
      if (answered_[i]) continue;
      silent.append(silent.empty() ? "" : ", ").append(detectors::Catalogue()[i].id);
    }
    return silent;
  }
  // Of the events, those that are a finding: it takes texts, and blocks of memory.
  [[nodiscard]] double alert_share() const {
    return static_cast<double>(alerts_) / static_cast<double>(events_);
  }

  // Every detector that looks at such events judged one of them; else says which did not, and stops the
  // program.
  void CheckAll() const {
    bool all = events_ > 0;
    for (size_t i = 0; i < detectors::kDetectorCount; ++i) {
      const detectors::DetectorInfo& info = detectors::Catalogue()[i];
      if (answered_[i] || (info.events & types_) == 0) continue;
      all = false;
      std::fprintf(stderr, "%s could judge none of the benchmark's events: %s\n",
                   std::string(info.id).c_str(), std::string(why_[i]).c_str());
    }
    CHECK(all);
  }

 private:
  std::array<bool, detectors::kDetectorCount> answered_{};
  std::array<std::string_view, detectors::kDetectorCount> why_{};  // It did not, the last time.
  detectors::EventMask types_ = 0;
  size_t events_ = 0;
  size_t alerts_ = 0;
};

}  // namespace tocsin::test
