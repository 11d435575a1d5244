// tests/sim/simulate [SEEDS [FIRST]] or --trace SEED: runs seeds, prints the first that breaks a promise with
// its trace, and exits 1 then.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "tests/sim/plans.h"
#include "tests/sim/world.h"

namespace {

using tocsin::sim::Outcome;

void PrintTrace(uint64_t seed) {
  tocsin::sim::Plan plan = tocsin::sim::PlanOf(seed);
  plan.want_trace = true;
  const Outcome outcome = tocsin::sim::Simulate(seed, plan);
  for (const std::string& line : outcome.trace) std::printf("%s\n", line.c_str());
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
              outcome.broken.empty() ? "every promise was kept" : outcome.broken.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--trace") == 0) {
    PrintTrace(std::stoull(argv[2]));
    return 0;
  }
  const uint64_t seeds = argc > 1 ? std::stoull(argv[1]) : 2'000;
  const uint64_t first = argc > 2 ? std::stoull(argv[2]) : 1;
  Outcome sum;
  const auto start = std::chrono::steady_clock::now();
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    const Outcome outcome = tocsin::sim::Simulate(seed, tocsin::sim::PlanOf(seed));
    if (!outcome.broken.empty()) {
      PrintTrace(seed);
      return 1;
    }
    sum.kills += outcome.kills;
    sum.sleeps += outcome.sleeps;
    sum.commits += outcome.commits;
    sum.restores += outcome.restores;
    sum.resumes += outcome.resumes;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf(
      "%llu seeds from %llu: every promise was kept (%d kills, %d sleeps in a request, %d commits, %d "
      "restores, %d resumptions; %.0f s)\n",
      static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(first), sum.kills, sum.sleeps,
      sum.commits, sum.restores, sum.resumes, seconds);
  return 0;
}
