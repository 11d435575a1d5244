// Events waiting for their turn: in the order in which they reach the platform's log, which is the order of
// what happened but for the few that are late or come twice. A movement of money learns the balance that it
// leaves when everything that happened before it is known: an owner's day and a thief's are written one after
// the other, and happen at the same time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.h"
#include "base/time.h"

namespace tocsin::daemon::generate {

class Batch {
 public:
  // Where the next event's text is appended, before Add.
  [[nodiscard]] std::string& text() { return text_; }
  [[nodiscard]] size_t size() const { return text_.size(); }
  // The event being written tells, where its text ends now, the balance that it leaves: `balance`, which
  // outlives the batch, plus all that moved before it. By Add this belongs to the event.
  void TellBalance(Timestamp occurred_at, Money& balance, int64_t moves_minor) {
    told_ = static_cast<uint32_t>(movements_.size());
    told_at_ = text_.size();
    movements_.push_back({occurred_at, number_++, &balance, moves_minor, {}});
  }
  // The text since `begin` is one event, line break included, that arrives at this time.
  void Add(Timestamp arrives_at, size_t begin) {
    lines_.push_back(
        {arrives_at, begin, text_.size() - begin, std::exchange(told_, kTellsNone), told_at_ - begin});
  }
  // The last event arrives once more.
  void Repeat(Timestamp arrives_at) {
    lines_.push_back(lines_.back());
    lines_.back().arrives_at = arrives_at;
  }

  // Gives what arrives before `until`, in order, and keeps the rest; nothing that is added later may have
  // happened before `until`. False as soon as `write` answers false.
  [[nodiscard]] bool Flush(Timestamp until, const std::function<bool(std::string_view)>& write);

 private:
  struct Line {
    Timestamp arrives_at;
    size_t begin;
    size_t length;
    uint32_t movement;  // Of movements_, or kTellsNone.
    size_t tells_at;    // Where in the line, if it tells.
  };
  struct Movement {
    Timestamp occurred_at;
    uint64_t number;  // Of two at the same time the one written first moves first.
    Money* balance;
    int64_t moves_minor;
    std::optional<Money> left;  // Once everything before it has moved.
  };
  static constexpr uint32_t kTellsNone = UINT32_MAX;

  void Settle(Timestamp until);
  void Append(std::string& out, const Line& line) const;

  std::string text_;
  std::vector<Line> lines_;
  std::vector<Movement> movements_;
  uint64_t number_ = 0;
  uint32_t told_ = kTellsNone;  // What the event being written tells, and where in text_.
  size_t told_at_ = 0;
};

}  // namespace tocsin::daemon::generate
