// What is remembered of one delivery: a notice on its way to one place, or all that is told to one ticket, in
// order. The states of the delivery processor.
//
//   notice                      ticket
//   waiting ◄─► sending ─► gone waiting ◄─► sending ─► idle (the ticket's name is kept) ─► waiting …
//      │           │
//     held       failed ─► (replay) waiting, (drop) gone
//
// What a ticket refused when there was more to tell it has a lane of its own, failed; the ticket's goes on.
//
// An attempt is counted, and the lane is `sending`, before anything leaves: that is committed first.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "daemon/delivery/parcel.h"
#include "daemon/engine/keyed_state.h"

namespace tocsin::daemon {

enum class LaneStatus : uint8_t {
  kIdle,     // Nothing to send, or of a ticket that there is not yet.
  kWaiting,  // Until next_at.
  kSending,  // An attempt may be under way, or its outcome is not known.
  kHeld,     // By the flood gate, until a person says what is to happen.
  kFailed,   // Refused, or given up; kept for a person.
};
[[nodiscard]] std::string_view Name(LaneStatus status);

struct LaneItem {
  std::string id;       // notice_id, ticket_id.
  std::string json;     // The record's value.
  bool append = false;  // More of the same ticket: the next operation says all that this one does.
  friend bool operator==(const LaneItem&, const LaneItem&) = default;
};

// Something that is due for a ticket, and how far its reminders are.
struct DueClock {
  Timestamp from = kTimestampMin;
  Timestamp due = kTimestampMin;  // kTimestampMin: nothing is.
  int step = 0;                   // Of kReminderPercents, the next one.
  friend bool operator==(const DueClock&, const DueClock&) = default;
};
inline constexpr std::array<int, 3> kReminderPercents = {50, 80, 100};  // Of the time there is.

class Lane final : public KeyedState {
 public:
  static uint64_t Form();  // As of Account::Form.

  static constexpr uint8_t kHeadSegment = 1;
  static constexpr uint8_t kFirstItem = 2;
  static constexpr uint8_t kLastItem = 63;
  static constexpr size_t kItemsMax = kLastItem - kFirstItem + 1;

  struct Head {
    ParcelKind kind = ParcelKind::kNotice;
    LaneStatus status = LaneStatus::kIdle;
    std::string channel;
    std::string address;  // Mail: the recipient.
    std::string case_id;
    std::string external_id;  // Tickets: the ticket's name in the ticket system.
    std::string reason;       // Code of the newest outcome that was not a delivery.
    int attempt = 0;          // Of the first item.
    Timestamp entered_at;     // When the first item came.
    Timestamp attempted_at;   // The newest attempt; kTimestampMin: none.
    Timestamp next_at;        // kWaiting.
    std::string account_id;   // Tickets, from here on.
    schemas::Priority priority = schemas::Priority::kP4;  // The most urgent that was said.
    TicketOutcome outcome = TicketOutcome::kNone;         // The newest that was passed on,
    int outcomes = 0;                                     // and how many were.
    std::array<DueClock, 2> clocks;                       // By TicketClock.
    std::vector<uint8_t> order;  // Segments of the items, the next one to send first.
    friend bool operator==(const Head&, const Head&) = default;
  };

  [[nodiscard]] const Head& head() const { return head_; }
  // Marks the head as changed.
  [[nodiscard]] Head& MutableHead() {
    changed_ |= uint64_t{1} << kHeadSegment;
    return head_;
  }
  [[nodiscard]] bool empty() const { return head_.order.empty(); }
  [[nodiscard]] size_t size() const { return head_.order.size(); }
  // REQUIRES: !empty().
  [[nodiscard]] const LaneItem& front() const { return items_.at(head_.order.front()); }
  // REQUIRES: index < size(); 0 is front().
  [[nodiscard]] const LaneItem& at(size_t index) const { return items_.at(head_.order.at(index)); }
  // Adds to the end. False when there is no room: then the item is left out.
  bool Push(LaneItem item);
  // The same; and an append that nobody has begun to send is replaced by `item`, which says all that it did.
  bool PushOrReplace(LaneItem item);
  // The last item is sent first. REQUIRES: !empty().
  void BringLastForward();
  void Pop();  // REQUIRES: !empty().
  // Leaves out the item at `index`. REQUIRES: 0 < index < size(); the first may be under way.
  void Erase(size_t index);
  // Of the first item.
  void Replace(std::string json);

  [[nodiscard]] uint64_t changed() const override { return changed_; }
  void ClearChanged() override { changed_ = 0; }
  [[nodiscard]] uint64_t segments() const override { return ~uint64_t{1}; }
  void EncodeSegment(uint8_t segment, std::string& out) const override;
  [[nodiscard]] Result<Done> DecodeSegment(uint8_t segment, std::string_view bytes) override;
  [[nodiscard]] size_t ByteSize() const override;

 private:
  Head head_;
  std::map<uint8_t, LaneItem> items_;
  uint64_t changed_ = 0;
};

// The names of all lanes there are, so that they are found again after a restart: kBuckets states of
// kSlots segments, each a short list.
class LaneIndex final : public KeyedState {
 public:
  static constexpr int kBuckets = 64;
  static constexpr int kSlots = 63;
  static constexpr std::string_view kPrefix = "index/";
  // The key of the state that lists `lane`.
  [[nodiscard]] static std::string KeyOf(std::string_view lane);
  [[nodiscard]] static std::string BucketKey(int bucket) {
    return std::string(kPrefix) + std::to_string(bucket);
  }

  void Add(std::string_view lane);
  void Remove(std::string_view lane);
  // REQUIRES: 1 <= slot <= kSlots.
  [[nodiscard]] std::vector<std::string> Lanes(int slot) const {
    return slots_.at(static_cast<size_t>(slot));
  }
  // One number for bucket and slot. That of a bucket alone is its first slot's.
  [[nodiscard]] static int PlaceOf(int bucket, int slot) { return bucket + kBuckets * slot; }

  [[nodiscard]] uint64_t changed() const override { return changed_; }
  void ClearChanged() override { changed_ = 0; }
  [[nodiscard]] uint64_t segments() const override { return ~uint64_t{1}; }
  void EncodeSegment(uint8_t segment, std::string& out) const override;
  [[nodiscard]] Result<Done> DecodeSegment(uint8_t segment, std::string_view bytes) override;
  [[nodiscard]] size_t ByteSize() const override;

 private:
  std::array<std::vector<std::string>, kSlots + 1> slots_;
  uint64_t changed_ = 0;
};

// Counts notices, and holds them back when there are far more than there should be: a rule that went wrong
// must not mail a million people. Once shut it opens only when a person says so. Urgent ones have a gate of
// their own: whoever can make many small notices must not silence those that matter.
class FloodGate final : public KeyedState {
 public:
  static constexpr std::string_view kKey = "flood";
  static constexpr std::string_view kUrgentKey = "flood.urgent";
  static constexpr std::array<std::string_view, 2> kKeys = {kKey, kUrgentKey};
  // Counts one; true: it is to be held. `max` 0 never shuts.
  bool Count(Timestamp now, Millis window, int max);
  [[nodiscard]] bool shut() const { return shut_; }
  void Open();

  [[nodiscard]] uint64_t changed() const override { return changed_; }
  void ClearChanged() override { changed_ = 0; }
  [[nodiscard]] uint64_t segments() const override { return uint64_t{1} << 1U; }
  void EncodeSegment(uint8_t segment, std::string& out) const override;
  [[nodiscard]] Result<Done> DecodeSegment(uint8_t segment, std::string_view bytes) override;
  [[nodiscard]] size_t ByteSize() const override { return sizeof *this; }

 private:
  Timestamp began_;  // Of the window.
  int count_ = 0;
  bool shut_ = false;
  uint64_t changed_ = 0;
};

}  // namespace tocsin::daemon
