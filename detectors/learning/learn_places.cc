#include "detectors/learning/learn_places.h"

#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/geo.h"
#include "detectors/learning/lesson.h"
#include "detectors/novelty.h"
#include "detectors/state/codec.h"
#include "detectors/state/pool.h"
#include "detectors/use.h"

namespace tocsin::detectors {
namespace {

using schemas::Event;

constexpr size_t kNone = static_cast<size_t>(-1);
constexpr double kKmPerDegree = 111.2;  // Of latitude, rounded up.

// The label of a use: that of a kept one with the same circle, which saves making it; else a new one.
class UseLabel {
 public:
  UseLabel(const Event& event, const UseView& use, const Places& places) {
    for (const Use& kept : places.uses) {
      if (kept.point == use.point && kept.radius_km == use.radius_km && kept.label.size() <= buffer_.size()) {
        std::memcpy(buffer_.data(), kept.label.data(), kept.label.size());
        view_ = {buffer_.data(), kept.label.size()};
        return;
      }
    }
    made_ = PlaceLabel(event.facts.place);
    view_ = made_;
  }
  UseLabel(const UseLabel&) = delete;
  UseLabel& operator=(const UseLabel&) = delete;
  [[nodiscard]] std::string_view view() const { return view_; }

 private:
  std::array<char, Places::kLabelBytesMax> buffer_;
  std::string made_;
  std::string_view view_;
};

// The claims that impossible_travel has just made, noted at the later use of each pair.
void NoteClaims(const DetectionResult& result, Places& places) {
  for (const Verdict& verdict : result.verdicts) {
    if (!verdict.speaks() || verdict.claims().empty() ||
        verdict.claims().front().detector != "impossible_travel")
      continue;
    for (const Claim& claim : verdict.claims()) {
      for (Use& use : places.uses) {
        if (claim.cause.size() == 2 && use.event_id == claim.cause[1]) use.claimed_with_previous = true;
      }
    }
  }
}

void KeepUse(const Event& event, const DetectionResult& result, AccountState& state) {
  if (!WhyNotComparable(event).empty()) return;
  UseView use = UseOf(event);
  const UseLabel label(event, use, state.places());
  use.label = label.view();
  Places& places = state.MutablePlaces();
  const size_t index = places.InsertUse(use);
  if (index == Places::kDropped) return;
  // What comes after has a new previous one.
  if (index + 1 < places.uses.size()) places.uses[index + 1].claimed_with_previous = false;
  NoteClaims(result, places);
}

// The known place (of any standing) the event is at: the nearest within kSamePlaceKm.
size_t FindPlace(const Places& places, const schemas::Place& place, const GeoPoint& point) {
  const bool exact = place.usable_for_speed();
  size_t nearest = kNone;
  double nearest_km = kSamePlaceKm;
  for (size_t i = 0; i < places.known.size(); ++i) {
    const KnownPlace& known = places.known[i];
    if (known.exact != exact || known.country != place.country) continue;
    if (!exact || known.point == point) return i;
    if (std::abs(known.point.latitude - point.latitude) * kKmPerDegree > kSamePlaceKm + 1) continue;
    const double distance_km = DistanceKm(known.point, point);
    if (distance_km > nearest_km) continue;
    nearest = i;
    nearest_km = distance_km;
  }
  return nearest;
}

// The country as a whole has waited long enough: so have all its places that have.
void PromoteCountry(const std::string& country, const Lesson& lesson, AccountState& state) {
  const auto is_due = [&](const KnownPlace& known) {
    return known.country == country && IsRipe(known.tenure, lesson);
  };
  for (size_t i = 0; i < state.places().known.size();) {
    if (!is_due(state.places().known[i])) {
      ++i;
      continue;
    }
    Promote(state.MutablePlaces().known, i, lesson.hold, Places::kKnownMax, lesson.at);
    i = 0;  // One may have gone.
  }
}

void LearnKnownPlace(const Event& event, const Lesson& lesson, AccountState& state) {
  const NoveltyResult country = CountryNovelty(event, state);
  // A visit across the border, or announced travel, does not make the country the account's own.
  if (country.novelty == Novelty::kNotEvaluable || country.novelty == Novelty::kSimilar) return;

  const schemas::Place& place = event.facts.place;
  const GeoPoint point = KeptPoint(place.point);
  const size_t index = FindPlace(state.places(), place, point);
  if (index == kNone) {
    AddBounded(state.MutablePlaces().known,
               {.country = place.country,
                .label = PlaceLabel(place),
                .point = place.usable_for_speed() ? point : GeoPoint{},
                .radius_km = place.usable_for_speed() ? KeptRadiusKm(place.radius_km) : 0,
                .exact = place.usable_for_speed(),
                .tenure = NewTenure(lesson)},
               Places::kKnownMax, lesson.at, SilenceBefore(event, state));
  } else {
    Tenure tenure = state.places().known[index].tenure;
    const Change change = FoldUse(tenure, lesson, UnseenAfter(event, state));
    if (change != Change::kNone) state.MutablePlaces().known[index].tenure = std::move(tenure);
    // kPromote is done below, with the rest of its country.
  }
  if (!lesson.suspicious) PromoteCountry(place.country, lesson, state);
}

}  // namespace

void LearnPlaces(const Event& event, const DetectionResult& result, bool suspicious, const Context& context,
                 AccountState& state) {
  if (!event.IsSuccessfulUse() || !event.facts.place.known()) return;
  LearnKnownPlace(event, LessonOf(event, suspicious, context), state);
  KeepUse(event, result, state);
}

}  // namespace tocsin::detectors
