// What is known of an attack after the fact: a line of the labels that `tocsin generate traffic` writes, or
// that a fraud team keeps in the same form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tocsin::schemas {

struct AttackLabel {
  std::string account_id;
  std::string attack;  // Its kind.
  Timestamp from;
  Timestamp until;
  std::vector<std::string> event_ids;  // What the attacker did; may be empty.
};

// `{"account_id", "attack", "from", "until", "event_ids": […]}`; other members pass. kInvalid names the
// field.
[[nodiscard]] Result<AttackLabel> ParseAttackLabel(std::string_view line);

}  // namespace tocsin::schemas
