#include "detectors/learning/learn_habits.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "detectors/learning/lesson.h"
#include "detectors/local_hour.h"
#include "detectors/novelty.h"
#include "detectors/oddities.h"

namespace tocsin::detectors {
namespace {

void LearnOddity(Oddity oddity, const Lesson& lesson, Millis forgotten_after, AccountState& state) {
  const Habits& habits = state.habits();
  const size_t index = habits.Find(oddity);
  if (index == habits.oddities.size()) {
    state.MutableHabits().oddities.push_back({.oddity = oddity, .tenure = NewTenure(lesson)});
    return;
  }
  Tenure tenure = habits.oddities[index].tenure;
  switch (FoldUse(tenure, lesson, forgotten_after)) {
    case Change::kNone:
      return;
    case Change::kPromote:
      Release(tenure, lesson.hold);
      break;
    case Change::kChanged:
      break;
  }
  state.MutableHabits().oddities[index].tenure = std::move(tenure);
}

}  // namespace

void LearnHours(AccountState& state) {
  const SignIns& sign_ins = state.sign_ins();
  const Timestamp until = state.recent_events().newest - SignIns::kSettling;
  const auto is_due = [&](const RecentSuccess& success) {
    return success.waits && (success.at <= until || (&success == &sign_ins.recent.front() &&
                                                     sign_ins.recent.size() == SignIns::kRecentMax));
  };
  if (std::ranges::none_of(sign_ins.recent, is_due)) return;
  HourCounts hours = state.habits().hours;
  for (RecentSuccess& success : state.MutableSignIns().recent) {
    if (!is_due(success)) continue;
    success.waits = false;
    if (success.counted) NoteHour(success, state.profile(), hours);
  }
  if (hours != state.habits().hours) state.MutableHabits().hours = hours;
}

void LearnHabits(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state) {
  if (!event.IsSuccessfulUse()) return;
  const OdditySet odd = OdditiesOf(event, state, context);
  if (odd == 0) return;
  const Lesson lesson = LessonOf(event, suspicious, context);
  const Millis forgotten_after = ForgottenAfter(event, state);
  for (int i = 0; i <= static_cast<int>(kLastOddity); ++i) {
    const auto oddity = static_cast<Oddity>(i);
    if (Has(odd, oddity)) LearnOddity(oddity, lesson, forgotten_after, state);
  }
}

}  // namespace tocsin::detectors
