// What the delivery processor asks of the world: attempts, which leave only once they are committed, and to
// be woken at a time. And what comes back: records of a topic of its own, which no log keeps. What is lost of
// them in a crash is an attempt whose outcome nobody knows, and is made again.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "daemon/delivery/channel.h"

namespace tocsin::daemon {

struct Attempt {
  int32_t partition = 0;
  std::string lane;
  std::string item;  // Of the lane: its first.
  int number = 0;    // Of the attempts at that item.
  std::string channel;
  Parcel parcel;
};

struct Wake {
  Timestamp at;
  int32_t partition = 0;
  std::string lane;
  // Not before it has room in its line of what is urgent, or the other one; "": no matter.
  std::string channel;
  bool urgent = false;
};

// One delivery as an operator sees it: without the address.
struct DeliveryEntry {
  std::string lane;
  ParcelKind kind = ParcelKind::kNotice;
  std::string channel;
  std::string_view status;
  std::string reason;
  std::string case_id;
  std::string id;           // Of the notice or ticket operation that is next.
  std::string external_id;  // Of the ticket.
  int attempt = 0;
  Timestamp entered_at;
  Timestamp next_at;
};

// What a person asks, and the answer.
struct DeliveryRequest {
  enum class Kind : uint8_t {
    kList,      // Deliveries that are not done.
    kReplay,    // Failed and held ones begin again, and those that wait for another attempt; or one lane.
    kDrop,      // Failed and held ones are forgotten; or one lane that is not under way.
    kOpenGate,  // The flood gate opens; what it holds is sent.
  };
  static constexpr size_t kEntriesMax = 1000;
  Kind kind = Kind::kList;
  std::string lane;  // "" : all.
  std::vector<DeliveryEntry> entries;
  uint64_t more = 0;            // That found no room in `entries`.
  std::vector<int32_t> unread;  // kList: partitions that are restored or stopped now; theirs are not listed.
  uint64_t touched = 0;
  std::string_view status;  // Of the one lane, as it was; "" : there is none of this name.
};

// Filled by the processor, taken by the log: both on the worker's thread.
struct Errands {
  std::vector<Attempt> attempts;
  std::vector<Wake> wakes;
  std::map<int, DeliveryRequest*> requests;  // By number; set by the log while one is processed.

  // What a word about many lanes does is done in slices, so that commits come between. How many lanes it may
  // still look at, set by the log; and where it ended for want of them:
  size_t lanes_left = std::numeric_limits<size_t>::max();
  int next_place = -1;  // kResume, kSweep: `number` of the word that goes on; -1: none is needed.
  // kRequest: by its number and the partition the lanes that are to be answered yet, the next one last. The
  // same word goes on with them.
  std::map<std::pair<int, int32_t>, std::vector<std::string>> unanswered;
};

inline constexpr std::string_view kDeliveryTopic = "delivery.internal";

// A record of that topic; its key is the lane, or empty.
struct Word {
  enum class Kind : uint8_t {
    kDue,     // The lane's time has come.
    kResult,  // Of its attempt `number` at `item`.
    kResume,  // The partition was restored: place `number` of the index (LaneIndex::PlaceOf) and what follows
              // in its bucket.
    kSweep,   // What is too old goes: the same of place `number`.
    kRequest,  // A person asks: request `number`.
    kOutcome,  // An agent decided what the lane's case was: `number`, a TicketOutcome.
  };
  Kind kind = Kind::kDue;
  int number = 0;
  std::string item;
  SendOutcome outcome;
};
[[nodiscard]] std::string Encode(const Word& word);
[[nodiscard]] Result<Word> DecodeWord(std::string_view bytes);

}  // namespace tocsin::daemon
