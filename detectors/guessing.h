// What counts as an attempt to guess a secret, and how attempts are counted: shared by password_guessing and
// guessed_in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/time.h"
#include "detectors/state/failures.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// A failed login in which somebody typed a wrong secret: the reason is bad credentials, an unknown account,
// other or not given, and the method is one where something is typed. Not evidence: `locked` and
// `blocked_by_policy` (the platform's doing, it would refuse the right password too), `expired` and the
// second factor's reasons (the password was right), and passkeys, biometrics and tokens (nothing can be
// guessed).
[[nodiscard]] bool IsGuess(const schemas::Event& event);

// REQUIRES: IsGuess(event).
[[nodiscard]] FailedAttempt ToAttempt(const schemas::Event& event);

// Of the device's own id; 0 when it has none. Families ("Chrome on Windows") are shared by millions and make
// no source.
[[nodiscard]] uint32_t DeviceIdHash(const schemas::Device& device);

// The account's attempts in order, with one that it does not hold yet. Points into both; holds no memory.
class AttemptsWith {
 public:
  explicit AttemptsWith(const Failures& failures);
  AttemptsWith(const Failures& failures, const FailedAttempt& added);
  AttemptsWith(const AttemptsWith&) = delete;
  AttemptsWith& operator=(const AttemptsWith&) = delete;

  [[nodiscard]] std::span<const FailedAttempt* const> all() const { return {held_.data(), size_}; }
  // Index of the added one. REQUIRES: one was added.
  [[nodiscard]] size_t added() const { return added_; }
  [[nodiscard]] bool added_is_newest() const { return added_ + 1 == size_; }

 private:
  std::array<const FailedAttempt*, Failures::kAttemptsMax + 1> held_;
  size_t size_ = 0;
  size_t added_ = 0;
};

// Where a run of attempts (Failures::kRunGap) begins and ends that contains `index`: [first, second).
[[nodiscard]] std::pair<size_t, size_t> RunAround(std::span<const FailedAttempt* const> attempts,
                                                  size_t index);

// The attempts of one window by where they came from. Unknown addresses, networks and countries count for
// nothing.
struct Spread {
  int attempts = 0;
  int addresses = 0;
  int networks = 0;
  int countries = 0;
  int from_one_address = 0;  // Of the address with most attempts.
  int from_one_network = 0;
  bool one_device = false;  // All from one device with an id of its own.
};
[[nodiscard]] Spread SpreadOf(std::span<const FailedAttempt* const> window);

// "10 min", "3 h", "45 s": the largest unit that says it exactly.
[[nodiscard]] std::string SpanText(Millis span);
// "12 in 10 min"
[[nodiscard]] std::string CountText(int64_t count, Millis window);
// "< 10 in 10 min"
[[nodiscard]] std::string BelowText(int64_t count, Millis window);

}  // namespace tocsin::detectors
