// A way out: a mail relay, a webhook, a ticket system. One attempt goes in, one outcome comes out; when to
// try again, and whether, is decided elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "daemon/delivery/parcel.h"

namespace tocsin::daemon {

struct SendOutcome {
  enum class Kind : uint8_t {
    kDelivered,
    kRetry,    // Not accepted, or nobody knows: the same parcel again, later.
    kRefused,  // Will never be accepted as it is.
    kBusy,     // Not tried: the channel has no room. It is no attempt.
  };
  Kind kind = Kind::kDelivered;
  std::string reason;  // A stable code, of the channel's side only: "smtp_451", "http_503", "timeout". Never
                       // an address.
  std::chrono::seconds retry_after{0};  // The receiver asked for so much time, for everything it gets.
  std::string external_id;              // The ticket.

  static SendOutcome Delivered(std::string external_id = {}) {
    return {.reason = "accepted", .external_id = std::move(external_id)};
  }
  static SendOutcome Retry(std::string reason, std::chrono::seconds after = {}) {
    return {.kind = Kind::kRetry, .reason = std::move(reason), .retry_after = after};
  }
  static SendOutcome Refused(std::string reason) {
    return {.kind = Kind::kRefused, .reason = std::move(reason)};
  }
};

// Reason of a delivery: a reminder that needs no words, since somebody took the ticket up.
inline constexpr std::string_view kAnswered = "answered";
// Reason of kBusy: it is the line of what is urgent that has no room.
inline constexpr std::string_view kUrgent = "urgent";

// One thread.
class Channel {
 public:
  virtual ~Channel() = default;
  // Waits for the receiver, for half a minute at most. `now` is the wall clock.
  [[nodiscard]] virtual SendOutcome Send(const Parcel& parcel, Timestamp now) = 0;
};

// What the senders need to know of a channel.
struct ChannelSpec {
  std::string name;  // "mail", "tickets", or the name of a webhook: a label of metrics and logs.
  int threads = 4;
  int per_minute = 0;                              // 0: as fast as it goes.
  std::function<std::unique_ptr<Channel>()> make;  // One for each thread.
};

}  // namespace tocsin::daemon
