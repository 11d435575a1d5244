#include "detectors/learning/lesson.h"

namespace tocsin::detectors {
namespace {

// It was seen again; by the hour, so that a busy stranger does not write the account every second.
bool SeeAgain(Tenure& tenure, Timestamp at) {
  if (UseHour(at) <= LastSeen(tenure)) return false;
  // What is known counts its uses by last_seen, and this is none of them.
  (tenure.standing == Standing::kKnown ? tenure.suspected_at : tenure.last_seen) = UseHour(at);
  return true;
}

void Introduce(Tenure& tenure, const Lesson& lesson) {
  tenure.first_seen = lesson.at;
  tenure.introduced_by.assign(lesson.event_id);
}

Change FoldIntoKnown(Tenure& tenure, const Lesson& lesson, bool precedes) {
  if (lesson.suspicious) {
    // What has waited long enough has been decided.
    if (!precedes || tenure.known_since != kTimestampMin)
      return SeeAgain(tenure, lesson.at) ? Change::kChanged : Change::kNone;
    // Only the wrong order of arrival had made it known.
    tenure.standing = Standing::kPending;
    tenure.uses = 0;
    tenure.hour_before = false;
    Introduce(tenure, lesson);
    return Change::kChanged;
  }
  if (!UseCounts(tenure, lesson.at, lesson.event_id)) return Change::kNone;
  CountUse(tenure, lesson.at, lesson.event_id);
  return Change::kChanged;
}

Change FoldIntoPending(Tenure& tenure, const Lesson& lesson, bool precedes) {
  if (precedes) {
    if (lesson.suspicious) {
      Introduce(tenure, lesson);
    } else {
      // Only the wrong order of arrival had put it there.
      tenure = NewTenure(lesson);
    }
    return Change::kChanged;
  }
  const bool seen = SeeAgain(tenure, lesson.at);
  if (!lesson.suspicious && IsRipe(tenure, lesson)) return Change::kPromote;
  return seen ? Change::kChanged : Change::kNone;
}

}  // namespace

Lesson LessonOf(const schemas::Event& event, bool suspicious, const Context& context) {
  return {.at = event.occurred_at,
          .event_id = event.event_id.view(),
          .suspicious = suspicious,
          .hold = HoldOf(context)};
}

Hold HoldOf(const Context& context) {
  return {.quarantine = context.learning.quarantine,
          .case_open = context.case_open,
          .held_until = context.held_until};
}

Tenure NewTenure(const Lesson& lesson) {
  if (lesson.suspicious) return NewTenure(Standing::kPending, lesson.at, lesson.event_id);
  return NewTenure(Standing::kKnown, lesson.at, lesson.event_id);
}

bool IsRipe(const Tenure& tenure, const Lesson& lesson) { return IsRipe(tenure, lesson.at, lesson.hold); }

Change FoldUse(Tenure& tenure, const Lesson& lesson, Millis unseen_after) {
  const Millis kept = tenure.standing == Standing::kKnown     ? unseen_after
                      : tenure.standing == Standing::kPending ? kUnseenAfter
                                                              : kForgottenAfter;
  if (lesson.at - LastSeen(tenure) > kept) {
    tenure = NewTenure(lesson);
    return Change::kChanged;
  }
  const bool precedes =
      !tenure.introduced_by.empty() && PrecedesIntroduction(tenure, lesson.at, lesson.event_id);
  switch (tenure.standing) {
    case Standing::kKnown:
      return FoldIntoKnown(tenure, lesson, precedes);
    case Standing::kPending:
      return FoldIntoPending(tenure, lesson, precedes);
    case Standing::kRefused:
      break;
  }
  return SeeAgain(tenure, lesson.at) ? Change::kChanged : Change::kNone;
}

}  // namespace tocsin::detectors
