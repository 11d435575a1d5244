// What one account did in the last 72 hours, as a ticket shows it: one short record an event, kept in its
// encoded form so that remembering an ordinary event allocates nothing but, now and then, a larger buffer.
//
// Invariants: records lie by event time, oldest first; places, networks and devices are held once and named
// by number; at most kItemsMax records and 255 names, whatever arrives.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/money.h"
#include "base/time.h"
#include "schemas/event.h"
#include "schemas/facts.h"

namespace tocsin::alerts {

// One record, unpacked. Texts come from databases and strangers: who shows them cleans and escapes them.
struct TimelineItem {
  Timestamp at;
  std::string event_id;
  schemas::EventType type = schemas::EventType::kLogin;
  // By type: login (outcome, failure reason, method, second factor), transaction (kind, direction, status,
  // decline reason), account_change (change), feedback (verdict, by). The others are kNone.
  schemas::LoginOutcome outcome = schemas::LoginOutcome::kNone;
  schemas::FailureReason failure_reason = schemas::FailureReason::kNone;
  schemas::LoginMethod method = schemas::LoginMethod::kNone;
  schemas::Mfa mfa = schemas::Mfa::kNone;
  schemas::TransactionKind kind = schemas::TransactionKind::kNone;
  schemas::Direction direction = schemas::Direction::kNone;
  schemas::TransactionStatus status = schemas::TransactionStatus::kNone;
  schemas::DeclineReason decline_reason = schemas::DeclineReason::kNone;
  schemas::ChangeKind change = schemas::ChangeKind::kNone;
  schemas::FeedbackVerdict verdict = schemas::FeedbackVerdict::kNone;
  schemas::FeedbackBy by = schemas::FeedbackBy::kNone;
  Money amount;        // Of a transaction.
  std::string place;   // "Kunming, CN", "CN"; "" unknown.
  std::string device;  // "Chrome on Windows"; "" unknown.
  uint32_t asn = 0;    // 0 unknown.
  schemas::NetworkClass network_class = schemas::NetworkClass::kUnknown;
  schemas::Anonymiser anonymiser = schemas::Anonymiser::kNone;
  friend bool operator==(const TimelineItem&, const TimelineItem&) = default;
};

// The record an event would get; what a text needs to say about the event at hand.
[[nodiscard]] TimelineItem Describe(const schemas::Event& event);

class Timeline {
 public:
  static constexpr uint8_t kVersion = 1;
  static constexpr size_t kItemsMax = 64;
  static constexpr std::chrono::hours kKept{72};

  // Places the event by its time, at most once by its id, and drops what is older than kKept before the
  // newest or beyond the newest `items_max`. Profiles are no deeds and are not kept. True when anything
  // changed.
  bool Remember(const schemas::Event& event, size_t items_max);

  [[nodiscard]] std::vector<TimelineItem> Items() const;
  [[nodiscard]] size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }

  void Encode(ByteWriter& writer) const;
  // False when the bytes cannot have been written by Encode; `into` is then empty.
  static bool Decode(ByteReader& reader, uint8_t version, Timeline& into);
  [[nodiscard]] size_t HeapBytes() const { return records_.capacity() + names_.capacity(); }
  friend bool operator==(const Timeline&, const Timeline&) = default;

 private:
  struct Record;  // timeline.cc

  [[nodiscard]] std::vector<Record> Unpack() const;
  void Pack(const std::vector<Record>& records);
  void Append(const Record& record);
  void PopFront();
  uint8_t NameNumber(std::string_view name);
  [[nodiscard]] std::string_view NameOf(uint8_t number) const;

  Timestamp base_at_;    // Each record's time is the distance from the one before; the first one's from here.
  Timestamp newest_at_;  // Of the last record.
  uint8_t count_ = 0;
  uint8_t names_count_ = 0;
  std::string records_;
  std::string names_;  // Length-prefixed, numbered from 1; 0 is none.
};

}  // namespace tocsin::alerts
