// By what name, in what language and by whose clock an owner is told of something grave. Whoever is in an
// account can change all three with the profile: for a while, what they might hide behind it is told as the
// owner was addressed before. What is not grave then greets a changed name by none.
//
// Thread safety: pure.
#pragma once

#include <optional>

#include "alerts/case_file.h"
#include "alerts/decide.h"
#include "schemas/event.h"

namespace tocsin::alerts {

// A change counts this long. One more within it does not make what it changed the owner's own.
inline constexpr std::chrono::hours kAddressedKept{72};

// Remembers how the owner was addressed before the event changed it, and forgets what is over.
void NoteAddressed(const Judged& judged, CaseFile& file);

// `judged`, its owner as a notice speaks to them. It refers to what `judged` refers to.
class Addressed {
 public:
  // `grave`: high or critical, or of a possible takeover.
  Addressed(const Judged& judged, const CaseFile& file, bool grave);
  Addressed(const Addressed&) = delete;
  Addressed& operator=(const Addressed&) = delete;

  [[nodiscard]] const Judged& judged() const { return judged_; }

 private:
  std::optional<schemas::AccountProfile> owner_;
  Judged judged_;
};

}  // namespace tocsin::alerts
