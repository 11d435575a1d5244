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
  int resumes = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Outcome outcome = Simulate(seed, PlanOf(seed));
    ASSERT_EQ(outcome.broken, "") << "seed " << seed << "; its trace: make simulate TRACE=" << seed;
    kills += outcome.kills;
    restores += outcome.restores;
    resumes += outcome.resumes;
  }
  EXPECT_GT(kills, 2'000);  // A world in which nothing happens proves nothing.
  EXPECT_GT(restores, 10'000);
  EXPECT_GT(resumes, 1'000);
}

TEST(SimulatedWorldTest, ASeedIsTheSameEachTime) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Plan plan = PlanOf(seed);
    plan.want_trace = true;
    EXPECT_EQ(Simulate(seed, plan).trace, Simulate(seed, plan).trace);
  }
}

// Worlds in which one kind of trouble is frequent and hides behind no other.
Plan Restless(uint64_t seed) {
  Plan plan = PlanOf(seed);
  plan.restless = true;
  plan.faults.interrupt = 0.2;
  plan.faults.sleep = 0.01;
  plan.faults.hang = 0.01;
  plan.faults.kill = 0.001;
  plan.faults.lose = 0.002;
  plan.faults.repeat = 0.002;
  plan.faults.eager_members = false;
  return plan;
}
Plan OfWorkersThatHang(uint64_t seed) {
  Plan plan = PlanOf(seed);
  plan.processes_max = 1;
  plan.faults.hang = 0.05;
  plan.faults.sleep = 0;
  plan.faults.kill = 0.001;
  plan.faults.lose = 0.002;
  plan.faults.repeat = 0.002;
  plan.faults.long_sleeps = false;
  return plan;
}
Plan OfSlowRebalances(uint64_t seed) {
  Plan plan = Restless(seed);
  plan.faults.sleep = 0.1;
  plan.faults.kill = 0;
  return plan;
}
Plan OfDays(uint64_t seed) {
  Plan plan = PlanOf(seed);
  plan.faults.long_sleeps = true;
  plan.faults.lose = 0.002;
  return plan;
}

TEST(SimulatedWorldTest, RebalancesThatTakeLongKeepEveryPromise) {
  int resumes = 0;
  for (uint64_t seed = 1; seed <= kSeeds / 4; ++seed) {
    const Outcome outcome = Simulate(seed, OfSlowRebalances(seed));
    ASSERT_EQ(outcome.broken, "") << "seed " << seed;
    resumes += outcome.resumes;
  }
  EXPECT_GT(resumes, 1'000);
}

// A checkpoint of which the disk said that it could not be written is there when the directory is read next.
TEST(SimulatedWorldTest, ACheckpointThatFailedMayBeThere) {
  for (uint64_t seed = 1; seed <= kSeeds / 4; ++seed) {
    Plan plan = PlanOf(seed);
    plan.faults.disk = 0.3;
    plan.faults.disk_unsure = true;
    ASSERT_EQ(Simulate(seed, plan).broken, "") << "seed " << seed;
  }
}

struct Lifted {
  const char* name;
  Defence defence;
  Plan (*plan)(uint64_t seed) = PlanOf;
};
void PrintTo(const Lifted& lifted, std::ostream* out) { *out << lifted.name; }

class WithoutADefenceTest : public testing::TestWithParam<Lifted> {};

// Without the defence some promise is broken, and the simulator says so; with it the same world keeps all.
TEST_P(WithoutADefenceTest, ThePromisesAreBroken) {
  for (uint64_t seed = 1; seed <= 5'000; ++seed) {
    const Plan plan = GetParam().plan(seed);
    {
      const Without lifted(GetParam().defence);
      if (Simulate(seed, plan).broken.empty()) continue;
    }
    EXPECT_EQ(Simulate(seed, plan).broken, "") << "seed " << seed;
    return;
  }
  FAIL() << "5000 seeds show no difference";
}

INSTANTIATE_TEST_SUITE_P(
    Rules, WithoutADefenceTest,
    testing::Values(Lifted{"RevokeBarrier", Defence::kRevokeBarrier, Restless},
                    Lifted{"MembershipOfAssignment", Defence::kMembershipOfAssignment},
                    Lifted{"UnknownOutcome", Defence::kUnknownOutcome},
                    Lifted{"RenewTainted", Defence::kRenewTainted},
                    Lifted{"PoisonInTransaction", Defence::kPoisonInTransaction},
                    Lifted{"PositionWithState", Defence::kPositionWithState},
                    Lifted{"HighWatermark", Defence::kHighWatermark},
                    Lifted{"TombstoneAge", Defence::kTombstoneAge, OfDays},
                    Lifted{"RecordsBeforeOffsets", Defence::kRecordsBeforeOffsets},
                    Lifted{"ResumedUnchanged", Defence::kResumedUnchanged, OfSlowRebalances},
                    Lifted{"OneHandleForAPartition", Defence::kOneHandleForAPartition, OfWorkersThatHang}),
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
  // Worlds in which something was put out again.
  static int Repeated(Plan plan, uint64_t seeds) {
    int repeated = 0;
    for (uint64_t seed = 1; seed <= seeds; ++seed) repeated += Simulate(seed, plan).repeated ? 1 : 0;
    return repeated;
  }
  static Plan Losing(bool Faults::*what) {
    Plan plan;
    plan.faults.*what = true;
    return plan;
  }
};

// The chain shows a gap before a later commit, when the place is read: mostly a checkpoint is beyond it. The
// difference is small, and it is the seeds', so always the same.
TEST_F(ALossOfTheClusterTest, LostCommitsStopPartitions) {
  const int with = Silent(Losing(&Faults::lose_commits), 300);
  const Without lifted(Defence::kCommitChain);
  EXPECT_GE(Silent(Losing(&Faults::lose_commits), 300), with + 5);
}

// Where nothing is compacted, whoever restores meets every commit: what follows its checkpoint may not be
// taken for the rest of what was compacted away. Without the defence a commit that is lost right there is
// missed by nobody, and what was learnt in it is not known later.
TEST_F(ALossOfTheClusterTest, TheLossOfTheCommitAfterACheckpointMakesNoWrongOutput) {
  Plan plan = Losing(&Faults::lose_commits);
  plan.compacts = false;
  plan.processes_max = plan.partitions_max = 1;
  for (uint64_t seed = 1; seed <= 5'000; ++seed) {
    {
      const Without lifted(Defence::kCheckpointInChain);
      if (!Simulate(seed, plan).repeated) continue;
    }
    // Two commits, lost next to each other with the checkpoint between, are not seen with it either.
    if (!Simulate(seed, plan).repeated) return;
  }
  FAIL() << "5000 seeds show no difference";
}

// No later commit shows that the newest was lost: the group's offsets do.
TEST_F(ALossOfTheClusterTest, TheLossOfTheNewestCommitStopsPartitions) {
  const int with = Repeated(Losing(&Faults::lose_newest), 300);
  const Without lifted(Defence::kOffsetsWithinChain);
  EXPECT_GE(Repeated(Losing(&Faults::lose_newest), 300), with + 30);
}

TEST_F(ALossOfTheClusterTest, LostInputStopsPartitions) {
  const int with = Silent(Losing(&Faults::truncate_input), 300);
  const Without lifted(Defence::kNoOffsetReset);
  EXPECT_GT(Silent(Losing(&Faults::truncate_input), 300), with + 30);
}

// The metric that the alarm looks at knows of it.
TEST_F(ALossOfTheClusterTest, PartitionsThatStopAreCounted) {
  int stopped = 0;
  for (const auto what : {&Faults::truncate_input, &Faults::lose_newest}) {
    for (uint64_t seed = 1; seed <= 100; ++seed) {
      const Outcome outcome = Simulate(seed, Losing(what));
      EXPECT_TRUE(outcome.drained || outcome.stopped > 0) << "seed " << seed;
      stopped += outcome.stopped;
    }
  }
  EXPECT_GT(stopped, 60);
}

}  // namespace
}  // namespace tocsin::sim
