// One seed: several processes with several workers each read, restore, commit and die in a simulated cluster,
// on one thread. A process that is interrupted within a request has the rest of the world run inside of its
// call; so whoever sleeps wakes up in the middle of what it did, with the world gone on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/log/defence.h"
#include "tests/sim/host.h"

namespace tocsin::sim {

struct Plan {
  Faults faults;
  int partitions_max = 3;
  int processes_max = 3;
  int steps = 350;
  bool restless = false;  // Processes come and go all the time.
  bool compacts = true;   // The cluster's cleaner runs.
  bool want_trace = false;
};

struct Outcome {
  // Empty: every promise was kept. Otherwise the first one that was not.
  std::string broken;
  bool drained = false;   // All input was processed in the end.
  bool repeated = false;  // An output is there that should not be, or twice.
  int stopped = 0;        // Partitions that say in the end that they wait for a person.
  std::vector<std::string> trace;
  int kills = 0, sleeps = 0, lost = 0, commits = 0, restores = 0, resumes = 0;
};

[[nodiscard]] Outcome Simulate(uint64_t seed, const Plan& plan);

// Lifts one defence for the life of this object.
class Without {
 public:
  explicit Without(daemon::Defence defence);
  ~Without();
  Without(const Without&) = delete;
  Without& operator=(const Without&) = delete;
};

}  // namespace tocsin::sim
