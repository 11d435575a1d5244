// Everything remembered of one account: what the detectors know, and what the alert side has told.
#pragma once

#include <string>
#include <string_view>

#include "alerts/case_file.h"
#include "daemon/detection/precision.h"
#include "daemon/engine/keyed_state.h"
#include "detectors/account_state.h"
#include "detectors/population_history.h"

namespace tocsin::daemon {

class Account final : public KeyedState {
 public:
  detectors::AccountState detection;
  alerts::CaseFile cases;

  // Processor::state_form: the versions of all segments, of the partition's as well, added up. It grows with
  // each of them.
  [[nodiscard]] static uint64_t Form();

  [[nodiscard]] uint64_t changed() const override { return detection.changed() | cases.changed(); }
  void ClearChanged() override;
  [[nodiscard]] uint64_t segments() const override;
  void EncodeSegment(uint8_t segment, std::string& out) const override;
  [[nodiscard]] Result<Done> DecodeSegment(uint8_t segment, std::string_view bytes) override;
  void Prefetch() const override;
  void PrefetchFar() const override;
  [[nodiscard]] size_t ByteSize() const override;
};

// What a partition knows of all its accounts together: the counts of its population, and how often each
// detector was right. Kept like an account under a key that no account can have (it is not UTF-8).
class PopulationState final : public KeyedState {
 public:
  static constexpr std::string_view kKey = "\xffpopulation";
  static constexpr uint8_t kSegment = 63;
  static constexpr uint8_t kPrecisionSegment = 62;
  static constexpr uint8_t kBeforeSegment = 61;
  static constexpr uint8_t kOpenSegment = 60;

  detectors::PopulationHistory population;
  Precision precision;

  [[nodiscard]] uint64_t changed() const override {
    using Part = detectors::PopulationHistory::Part;
    return (population.changed(Part::kMet) ? uint64_t{1} << kSegment : 0) |
           (population.changed(Part::kMetBefore) ? uint64_t{1} << kBeforeSegment : 0) |
           (population.changed(Part::kOpen) ? uint64_t{1} << kOpenSegment : 0) |
           (precision.changed() ? uint64_t{1} << kPrecisionSegment : 0);
  }
  void ClearChanged() override {
    population.ClearChanged();
    precision.ClearChanged();
  }
  [[nodiscard]] uint64_t segments() const override {
    return uint64_t{1} << kSegment | uint64_t{1} << kPrecisionSegment | uint64_t{1} << kBeforeSegment |
           uint64_t{1} << kOpenSegment;
  }
  void EncodeSegment(uint8_t segment, std::string& out) const override;
  [[nodiscard]] Result<Done> DecodeSegment(uint8_t segment, std::string_view bytes) override;
  [[nodiscard]] size_t ByteSize() const override { return sizeof(*this) + (size_t{128} << 10U); }
};

}  // namespace tocsin::daemon
