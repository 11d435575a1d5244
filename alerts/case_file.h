// What the alert side remembers of one account: its open case, what it was told, and the timeline a person would want to see.
// Kept beside the detectors' AccountState, in segments of its own.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "schemas/alert.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::alerts {

// Stored: never renumber. Below 32 belongs to detectors/.
enum class Segment : uint8_t { kCase = 32, kTimeline = 33 };
inline constexpr std::array kSegments = {Segment::kCase, Segment::kTimeline};

// A finding that is part of the case.
struct CaseFinding {
  std::string finding_id;
  std::string detector;
  schemas::Family family = schemas::Family::kLocation;
  schemas::Severity severity = schemas::Severity::kLow;
  double weight = 0;
  Timestamp at;
  std::vector<std::string> cause;
  std::string reason;   // Code of its first reason.
  std::string observed; // Of that reason; cleaned.
  std::string usual;
  friend bool operator==(const CaseFinding&, const CaseFinding&) = default;
};

struct NoticeSent {
  std::string reason;  // Code: one notice per reason and day.
  Timestamp at;
  std::string notice_id;
  friend bool operator==(const NoticeSent&, const NoticeSent&) = default;
};

// One line of the account's last 72 h, compact; texts are made when a ticket needs them.
struct TimelineItem {
  Timestamp at;
  std::string event_id;
  uint8_t what = 0;        // EventType and outcome/kind/change packed; see case_file.cc.
  uint8_t detail = 0;
  int64_t amount_minor = 0;
  Currency currency;
  std::string place;
  std::string network;
  std::string device;
  std::string transaction_id;
  friend bool operator==(const TimelineItem&, const TimelineItem&) = default;
};

enum class CaseState : uint8_t { kNone = 0, kOpen = 1, kResolved = 2 };

struct Case {
  CaseState state = CaseState::kNone;
  std::string case_id;
  std::string reference;     // "T-2026-7KQ4-M2QX"
  Timestamp opened_at;
  Timestamp last_finding_at;
  schemas::Priority priority = schemas::Priority::kP4;  // Only rises.
  bool ticket_open = false;
  bool frozen = false;                // A freeze was asked for: the review clock runs.
  std::vector<CaseFinding> findings;  // By time; at most 64, oldest info ones go first.
  uint32_t findings_dropped = 0;
  std::vector<std::string> actions;   // Kinds asked for, with target: each once per case.
  uint32_t ticket_sequence = 0;       // Operations so far: ids of the next.
  Timestamp last_append_at = kTimestampMin;
  uint32_t notices_held = 0;          // Folded by cooldown or cap since the last notice.
  friend bool operator==(const Case&, const Case&) = default;
};

class CaseFile {
 public:
  // At most one case per account and family group is open; a closed one is kept until the next opens.
  [[nodiscard]] const std::vector<Case>& cases() const { return cases_; }
  [[nodiscard]] const std::vector<NoticeSent>& notices() const { return notices_; }
  [[nodiscard]] const std::vector<TimelineItem>& timeline() const { return timeline_; }
  std::vector<Case>& MutableCases() { return changed_ |= Bit(Segment::kCase), cases_; }
  std::vector<NoticeSent>& MutableNotices() { return changed_ |= Bit(Segment::kCase), notices_; }
  std::vector<TimelineItem>& MutableTimeline() { return changed_ |= Bit(Segment::kTimeline), timeline_; }

  // A case of the account is open at event time `at` (72 h after its last finding, 14 d after it was opened).
  [[nodiscard]] bool HasOpenCase(Timestamp at) const;

  // Remembers the event for tickets: at most 64 events of the last 72 h, by time.
  void Remember(const schemas::Event& event);

  [[nodiscard]] uint64_t changed() const { return changed_; }
  void ClearChanged() { changed_ = 0; }
  void EncodeSegment(Segment segment, std::string& out) const;
  [[nodiscard]] Result<Done> DecodeSegment(Segment segment, std::string_view bytes);
  [[nodiscard]] size_t ByteSize() const;
  friend bool operator==(const CaseFile& a, const CaseFile& b) {
    return a.cases_ == b.cases_ && a.notices_ == b.notices_ && a.timeline_ == b.timeline_;
  }

 private:
  static constexpr uint64_t Bit(Segment segment) { return uint64_t{1} << static_cast<unsigned>(segment); }
  std::vector<Case> cases_;
  std::vector<NoticeSent> notices_;
  std::vector<TimelineItem> timeline_;
  uint64_t changed_ = 0;
};

}  // namespace tocsin::alerts
