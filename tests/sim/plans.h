// How rough the world of a seed is.
#pragma once

#include "tests/sim/random.h"
#include "tests/sim/world.h"

namespace tocsin::sim {

[[nodiscard]] inline Plan PlanOf(uint64_t seed) {
  Random random(seed ^ 0x5EEDU);
  Plan plan;
  const double roughness = random.Chance(0.2) ? 0.2 : random.Chance(0.3) ? 3 : 1;
  plan.faults.interrupt *= roughness;
  plan.faults.sleep *= roughness;
  plan.faults.hang *= roughness;
  plan.faults.kill *= roughness;
  plan.faults.lose *= roughness;
  plan.faults.repeat *= roughness;
  plan.faults.disk *= roughness;
  plan.faults.long_sleeps = random.Chance(0.4);
  plan.faults.eager_members = random.Chance(0.5);
  return plan;
}

}  // namespace tocsin::sim
