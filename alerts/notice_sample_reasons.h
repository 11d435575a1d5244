// What each reason is found of, with values as its detector writes them. Used by notice_samples.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "schemas/finding.h"

namespace tocsin::alerts {

enum class SampleEvent : uint8_t { kLogin, kFailedLogin, kPayment, kStuck, kDeclined, kReceived, kChange };

struct SampleReason {
  std::string_view code;
  schemas::Family family;
  SampleEvent event;
  std::string_view observed;
  std::string_view usual;
};

// One for each reason of the catalogue.
[[nodiscard]] std::span<const SampleReason> SampleReasons();

}  // namespace tocsin::alerts
