// The ordinary case allocates nothing: counted by the sanitizer's own hooks.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "detectors/learning/learn_devices.h"
#include "detectors/learning/learn_networks.h"
#include "detectors/learning/learn_places.h"
#include "detectors/learning/learn_population.h"
#include "tests/support/settled_account.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// From <sanitizer/allocator_interface.h>, which not every compiler package brings.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, size_t),
                                                         void (*on_free)(const volatile void*));
#define TOCSIN_COUNTS_ALLOCATIONS 1
#endif

namespace tocsin::detectors {
namespace {

#ifdef TOCSIN_COUNTS_ALLOCATIONS

using namespace std::chrono_literals;
using test::EventBuilder;
using test::kNoon;

thread_local size_t allocations = 0;
void CountAllocation(const volatile void* /*block*/, size_t /*size*/) { ++allocations; }
void IgnoreFree(const volatile void* /*block*/) {}

TEST(Allocation, AKnownLoginAllocatesNothing) {
  ASSERT_GT(__sanitizer_install_malloc_and_free_hooks(CountAllocation, IgnoreFree), 0);
  test::SettledAccount account;
  Population population;
  const LimitTable limits;
  const LearningConfig learning;
  const Context context{.population = population, .limits = limits, .learning = learning};
  const ImpossibleTravel impossible_travel{{}};
  const NewCountry new_country{{}};
  const NewNetwork new_network{{}};
  const AnonymousNetwork anonymous_network{{}};
  const NewDevice new_device{{}};
  DetectionResult result;
  AccountState& state = account.state();
  ASSERT_GT(allocations, 0U);  // They are counted.

  for (int i = 0; i < 60; ++i) {
    // Ids of the length of a UUID; several in a sitting, and days without one.
    std::string id = "0190f3a2-7b1c-7d3e-8f40-" + std::to_string(100'000'000'000 + i);
    const schemas::Event event = EventBuilder(id, kNoon + i * 7h);
    const size_t before = allocations;
    result.verdicts[0] = impossible_travel.Evaluate(event, state, context);
    result.verdicts[1] = new_country.Evaluate(event, state, context);
    result.verdicts[2] = new_network.Evaluate(event, state, context);
    result.verdicts[3] = anonymous_network.Evaluate(event, state, context);
    result.verdicts[4] = new_device.Evaluate(event, state, context);
    ASSERT_EQ(allocations, before) << "evaluate " << i;
    for (size_t detector = 0; detector < 5; ++detector)
      ASSERT_TRUE(result.verdicts[detector].clear()) << detector;
    LearnPlaces(event, result, false, context, state);
    LearnNetworks(event, false, context, state);
    LearnDevices(event, false, context, state);
    LearnPopulation(event, state, population);
    if (i <= 10) continue;  // Until the list of uses has reached its size.
    ASSERT_EQ(allocations, before) << "learn " << i;
  }
}

#endif

}  // namespace
}  // namespace tocsin::detectors
