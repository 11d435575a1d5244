// Events waiting for their turn: in the order in which they reach the platform's log, which is the order of
// what happened but for the few that are late or come twice.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace tocsin::daemon::generate {

class Batch {
 public:
  // Where the next event's text is appended, before Add.
  [[nodiscard]] std::string& text() { return text_; }
  [[nodiscard]] size_t size() const { return text_.size(); }
  // The text since `begin` is one event, line break included, that arrives at this time.
  void Add(Timestamp arrives_at, size_t begin) {
    lines_.push_back({arrives_at, begin, text_.size() - begin});
  }
  // The last event arrives once more.
  void Repeat(Timestamp arrives_at) {
    lines_.push_back({arrives_at, lines_.back().begin, lines_.back().length});
  }

  // Gives what arrives before `until`, in order, and keeps the rest. False as soon as `write` answers false.
  [[nodiscard]] bool Flush(Timestamp until, const std::function<bool(std::string_view)>& write);

 private:
  struct Line {
    Timestamp arrives_at;
    size_t begin;
    size_t length;
  };
  std::string text_;
  std::vector<Line> lines_;
};

}  // namespace tocsin::daemon::generate
