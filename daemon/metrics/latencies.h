// How long events take: in the stages of the line, and from outside to the commit of their verdict.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "daemon/metrics/distribution.h"

namespace tocsin::daemon {

inline constexpr std::array<std::string_view, 6> kStages = {"decode", "load",  "enrich",
                                                            "detect", "learn", "decide"};

// Measures one event in kEvery: reading the clock would cost more than some stages do.
class StageClock {
 public:
  using Times = std::array<StageTimes, kStages.size()>;
  static constexpr uint32_t kEvery = 64;

  void Begin() {
    on_ = seen_++ % kEvery == 0;
    if (on_) last_ = std::chrono::steady_clock::now();
  }
  // Stage `stage` of kStages ends here.
  void End(size_t stage, Times& times) {
    if (!on_) return;
    const auto now = std::chrono::steady_clock::now();
    times[stage].Observe(std::chrono::duration<double>(now - last_).count());
    last_ = now;
  }

 private:
  uint32_t seen_ = 0;
  bool on_ = false;
  std::chrono::steady_clock::time_point last_;
};

// Times of the events of the commit under way, so that what is measured ends with the commit. Of a large
// commit one event in kEvery stands for all. One thread.
class LatencySamples {
 public:
  static constexpr uint32_t kAllOf = 256;
  static constexpr uint32_t kEvery = 16;

  void Add(Timestamp occurred_at, Timestamp appended_at) {
    ++events_;
    if (events_ > kAllOf && events_ % kEvery != 0) return;
    samples_.push_back({occurred_at, appended_at, events_ > kAllOf ? kEvery : 1});
  }
  // A time that lies ahead of ours counts as none.
  void Committed(Timestamp now, Distribution& from_event, Distribution& from_append) {
    for (const Sample& sample : samples_) {
      from_event.Observe(Seconds(now - sample.occurred_at), sample.events);
      from_append.Observe(Seconds(now - sample.appended_at), sample.events);
    }
    Drop();
  }
  // The events are processed again.
  void Drop() {
    samples_.clear();
    events_ = 0;
  }

 private:
  struct Sample {
    Timestamp occurred_at;
    Timestamp appended_at;
    uint32_t events = 1;
  };
  static double Seconds(Millis time) {
    return time.count() <= 0 ? 0 : std::chrono::duration<double>(time).count();
  }
  std::vector<Sample> samples_;
  uint32_t events_ = 0;
};

}  // namespace tocsin::daemon
