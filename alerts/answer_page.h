// The page behind a "was this you?" link: a question with two buttons, or what came of an answer. Plain HTML:
// no script, no image, nothing from elsewhere, readable on any screen.
//
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <string>

#include "alerts/alerts_config.h"
#include "alerts/messages.h"
#include "schemas/event.h"

namespace tocsin::alerts {

enum class AnswerPage : uint8_t {
  kAsk,
  kThanksMe,
  kThanksNotMe,
  kAnswered,  // "It was not me" was said before.
  kExpired,   // What to do all the same.
  kUnknown,   // No link of ours.
  kLater,     // The answer could not be kept.
};

// `link` is the answer that the link stands for: its button comes first. Used by kAsk only.
[[nodiscard]] std::string RenderAnswerPage(AnswerPage page, Locale locale, const AlertsConfig& config,
                                           schemas::FeedbackVerdict link);

}  // namespace tocsin::alerts
