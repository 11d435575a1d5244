// What a finding needs and the event has not, where it is no number: noted as 0, at least 1 would be found.
#pragma once

#include <cstdint>
#include <string_view>

#include "detectors/context.h"
#include "detectors/verdict.h"

namespace tocsin::detectors {

inline void NoteLack(const Context& context, std::string_view what) {
  context.Note(what, int64_t{0}, Needs::kAtLeast, int64_t{1});
}
inline void NoteHas(const Context& context, std::string_view what) {
  context.Note(what, int64_t{1}, Needs::kAtLeast, int64_t{1});
}
[[nodiscard]] inline Verdict ClearFor(std::string_view what, const Context& context) {
  NoteLack(context, what);
  return Verdict::Clear();
}

// The event says nothing of its transaction that was not known.
inline constexpr char kNewsOfPayment[] = "news_of_the_payment";
// Its transaction was declined, has failed or was given back.
inline constexpr char kMovesMoney[] = "moves_money";
inline constexpr char kNotFoundBefore[] = "not_found_before";

}  // namespace tocsin::detectors
