// The rules of quarantine, once for places, devices and networks: what one use does to the entry it is about.
//
//   entry      | use under suspicion                | use that is not
//   -----------+------------------------------------+----------------------------------------------------
//   none       | added, pending                     | added, known
//   known      | is seen again, gains nothing       | gains a use
//   pending    | is seen again, stays pending       | becomes known when it is ripe, else as under suspicion
//   refused    | is seen again, stays refused       | is seen again, stays refused
//   forgotten  | as none                            | as none
//
// A late use that comes before the introduction moves the introduction to itself; when it is under suspicion
// it takes what was learnt from the later one back into quarantine, and when it is not it takes what waits
// because of the later one out of it.
#pragma once

#include <string_view>

#include "detectors/context.h"
#include "detectors/state/quarantine.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct Lesson {
  Timestamp at;
  std::string_view event_id;
  bool suspicious = false;
  Hold hold;
};
[[nodiscard]] Hold HoldOf(const Context& context);
[[nodiscard]] Lesson LessonOf(const schemas::Event& event, bool suspicious, const Context& context);

// A first use.
[[nodiscard]] Tenure NewTenure(const Lesson& lesson);

enum class Change : uint8_t {
  kNone,
  kChanged,
  kPromote
};  // kPromote: ripe; the caller makes it known (Release).
// Folds the use into an entry that is there. Never allocates for a known entry whose introduction is long
// ago.
[[nodiscard]] Change FoldUse(Tenure& tenure, const Lesson& lesson, Millis unseen_after);

// A pending entry is ripe for this lesson.
[[nodiscard]] bool IsRipe(const Tenure& tenure, const Lesson& lesson);

}  // namespace tocsin::detectors
