// What one account did in the last 72 hours, as a ticket shows it: one short record an event, kept in its
// encoded form so that remembering an ordinary event allocates nothing but, now and then, a larger buffer.
//
// Where there is no room for all, each kind of event (failed logins, refused payments, logins, payments,
// changes) keeps its newest: the kind that fills most of the room gives first, failed logins weighing
// fourfold and refused payments twofold. What a finding named as its cause, failed logins aside, gives last.
// So nobody can push a theft out of sight with noise of another kind. What found no room is counted by day.
//
// Invariants: records lie by event time, oldest first; places, networks, devices and payees are held once and
// named by number; at most kItemsMax records and 255 names, whatever arrives.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
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
  std::string payee;   // The id of whom money goes to or comes from, or of the payee of a change; "" none.
  uint32_t asn = 0;    // 0 unknown.
  schemas::NetworkClass network_class = schemas::NetworkClass::kUnknown;
  schemas::Anonymiser anonymiser = schemas::Anonymiser::kNone;
  friend bool operator==(const TimelineItem&, const TimelineItem&) = default;
};

// The record an event would get; what a text needs to say about the event at hand.
[[nodiscard]] TimelineItem Describe(const schemas::Event& event);

enum class RecordKind : uint8_t;  // timeline_record.h

class Timeline {
 public:
  static constexpr uint8_t kVersion = 3;  // 2: ids in full; 1: no payees and no causes either, and nothing
                                          // of what was left out.
  static constexpr uint8_t kVersionMin = 1;
  static constexpr size_t kItemsMax = 64;
  static constexpr std::chrono::hours kKept{72};

  // Places the event by its time, at most once by its id, and drops what is older than kKept before the
  // newest, and what is more than `items_max`. Profiles are no deeds and are not kept. True when anything
  // changed.
  bool Remember(const schemas::Event& event, size_t items_max);
  // A finding names these events as its cause. True when anything changed.
  bool MarkCauses(std::span<const std::string> event_ids);

  // Events that found no room, since the beginning of a day (UTC) that is not all before the last kKept.
  struct NotShown {
    Timestamp since;
    uint64_t failed_logins = 0;
    uint64_t others = 0;
  };
  [[nodiscard]] std::optional<NotShown> not_shown() const;

  [[nodiscard]] std::vector<TimelineItem> Items() const;
  [[nodiscard]] size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }

  void Encode(ByteWriter& writer) const;
  // False when the bytes cannot have been written by Encode; `into` is then empty.
  static bool Decode(ByteReader& reader, uint8_t version, Timeline& into);
  [[nodiscard]] size_t HeapBytes() const {
    return records_.capacity() + names_.capacity() + left_out_.capacity() * sizeof(LeftOut);
  }
  friend bool operator==(const Timeline&, const Timeline&) = default;

 private:
  struct Record;  // timeline.cc
  struct LeftOut {
    int32_t day = 0;  // Since 1970, UTC.
    uint32_t failed_logins = 0;
    uint32_t others = 0;
    friend bool operator==(const LeftOut&, const LeftOut&) = default;
  };
  static constexpr size_t kLeftOutMax = 8;  // Days; four of them lie in kKept.

  [[nodiscard]] std::vector<Record> Unpack() const;
  void Pack(const std::vector<Record>& records);
  void Append(const Record& record);
  // Of timeline_room.cc.
  void DropOld();
  void MakeRoom(std::optional<RecordKind> newest);
  void Remove(size_t begin, Timestamp at);
  void LeaveOut(RecordKind kind, Timestamp at);
  [[nodiscard]] static int64_t DayOf(Timestamp at);
  static bool DecodeLeftOut(ByteReader& reader, std::vector<LeftOut>& into);
  [[nodiscard]] uint8_t& Others(RecordKind kind) { return others_[static_cast<size_t>(kind)]; }
  uint8_t NameNumber(std::string_view name);
  [[nodiscard]] std::string_view NameOf(uint8_t number) const;

  Timestamp base_at_;    // Each record's time is the distance from the one before; the first one's from here.
  Timestamp newest_at_;  // Of the last record.
  uint8_t count_ = 0;
  uint8_t names_count_ = 0;
  std::array<uint8_t, 5> others_{};  // Records that are no cause, by RecordKind.
  std::string records_;
  std::string names_;              // Length-prefixed, numbered from 1; 0 is none.
  std::vector<LeftOut> left_out_;  // By day, each once.
};

}  // namespace tocsin::alerts
