#include "detectors/learning/learn_habits.h"

#include <utility>
#include <vector>

#include "detectors/learning/lesson.h"
#include "detectors/local_hour.h"
#include "detectors/oddities.h"

namespace tocsin::detectors {
namespace {

void LearnOddity(Oddity oddity, const Lesson& lesson, AccountState& state) {
  const Habits& habits = state.habits();
  const size_t index = habits.Find(oddity);
  if (index == habits.oddities.size()) {
    state.MutableHabits().oddities.push_back({.oddity = oddity, .tenure = NewTenure(lesson)});
    return;
  }
  Tenure tenure = habits.oddities[index].tenure;
  switch (FoldUse(tenure, lesson, kForgottenAfter)) {
    case Change::kNone:
      return;
    case Change::kPromote:
      tenure.standing = Standing::kKnown;
      tenure.uses += 1;
      tenure.introduced_by.clear();
      break;
    case Change::kChanged:
      break;
  }
  state.MutableHabits().oddities[index].tenure = std::move(tenure);
}

void LearnHour(const schemas::Event& event, AccountState& state) {
  const LocalHour local = LocalHourOf(event.occurred_at, state.profile());
  HourCounts hours = state.habits().hours;
  if (hours.Note(local.day, local.hour)) state.MutableHabits().hours = hours;
}

}  // namespace

void LearnHabits(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state) {
  if (!event.IsSuccessfulUse()) return;
  if (!suspicious && event.login() != nullptr) LearnHour(event, state);
  const OdditySet odd = OdditiesOf(event, state);
  if (odd == 0) return;
  const Lesson lesson = LessonOf(event, suspicious, context, state);
  for (int i = 0; i <= static_cast<int>(kLastOddity); ++i) {
    const auto oddity = static_cast<Oddity>(i);
    if (Has(odd, oddity)) LearnOddity(oddity, lesson, state);
  }
}

}  // namespace tocsin::detectors
