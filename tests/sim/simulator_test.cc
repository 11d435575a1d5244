// The commit protocol in a simulated cluster: thousands of worlds in which every promise must be kept, and
// for each defence the proof that the simulator would notice its absence.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/sim/plans.h"
#include "tests/sim/world.h"

namespace tocsin::sim {
namespace {

using daemon::Defence;

constexpr uint64_t kSeeds = 2'000;

TEST(SimulatedWorldTest, EverySeedKeepsEveryPromise) {
  int kills = 0;
  int restores = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Outcome outcome = Simulate(seed, PlanOf(seed));
    ASSERT_EQ(outcome.broken, "") << "seed " << seed << "; its trace: make simulate TRACE=" << seed;
    kills += outcome.kills;
    restores += outcome.restores;
  }
  EXPECT_GT(kills, 2'000);  // A world in which nothing happens proves nothing.
  EXPECT_GT(restores, 10'000);
}

TEST(SimulatedWorldTest, ASeedIsTheSameEachTime) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Plan plan = PlanOf(seed);
    plan.want_trace = true;
    EXPECT_EQ(Simulate(seed, plan).trace, Simulate(seed, plan).trace);
  }
}

struct Lifted {
  const char* name;
  Defence defence;
};
void PrintTo(const Lifted& lifted, std::ostream* out) { *out << lifted.name; }

class WithoutADefenceTest : public testing::TestWithParam<Lifted> {};

// Without the defence some promise is broken, and the simulator says so.
TEST_P(WithoutADefenceTest, ThePromisesAreBroken) {
  const Without lifted(GetParam().defence);
  for (uint64_t seed = 1; seed <= 5'000; ++seed) {
    if (!Simulate(seed, PlanOf(seed)).broken.empty()) return;
  }
  FAIL() << "5000 seeds show no difference";
}

INSTANTIATE_TEST_SUITE_P(Rules, WithoutADefenceTest,
                         testing::Values(Lifted{"RevokeBarrier", Defence::kRevokeBarrier},
                                         Lifted{"UnknownOutcome", Defence::kUnknownOutcome},
                                         Lifted{"RenewTainted", Defence::kRenewTainted},
                                         Lifted{"PoisonInTransaction", Defence::kPoisonInTransaction},
                                         Lifted{"PositionWithState", Defence::kPositionWithState},
                                         Lifted{"HighWatermark", Defence::kHighWatermark},
                                         Lifted{"TombstoneAge", Defence::kTombstoneAge}),
                         [](const auto& tested) { return tested.param.name; });

// What no protocol can mend stops the partition; without the defence it would be passed over in silence.
class ALossOfTheClusterTest : public testing::Test {
 protected:
  // Worlds that end with everything "done", though something was lost.
  static int Silent(Plan plan, uint64_t seeds) {
    int silent = 0;
    for (uint64_t seed = 1; seed <= seeds; ++seed) silent += Simulate(seed, plan).drained ? 1 : 0;
    return silent;
  }
  static Plan Losing(bool commits) {
    Plan plan;
    plan.faults.lose_commits = commits;
    plan.faults.truncate_input = !commits;
    return plan;
  }
};

// The chain shows a gap before a later commit. The newest commit of all may be lost without a trace, and
// mostly is what is lost here: the difference is small, and it is the seeds', so always the same.
TEST_F(ALossOfTheClusterTest, LostCommitsStopPartitions) {
  const int with = Silent(Losing(true), 300);
  const Without lifted(Defence::kCommitChain);
  EXPECT_GE(Silent(Losing(true), 300), with + 5);
}

TEST_F(ALossOfTheClusterTest, LostInputStopsPartitions) {
  const int with = Silent(Losing(false), 300);
  const Without lifted(Defence::kNoOffsetReset);
  EXPECT_GT(Silent(Losing(false), 300), with + 30);
}

}  // namespace
}  // namespace tocsin::sim
