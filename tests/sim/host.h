// What a simulated process sees of the world it runs in: time, chance, and the moments at which it may be
// interrupted, killed, or put to sleep while the world goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/sim/cluster.h"
#include "tests/sim/random.h"

namespace tocsin::sim {

// Thrown out of whatever a process is doing when it is killed; nothing of it may touch the world afterwards.
struct Killed {};

// How much goes wrong, each per chance.
struct Faults {
  double interrupt = 0.05;      // At a request: the world goes on for a moment.
  double sleep = 0.01;          // At a request: the process sleeps, perhaps longer than its session.
  double hang = 0.004;          // At a request: one thread of the process hangs, the others go on.
  double kill = 0.004;          // At a request.
  double lose = 0.01;           // A request, or the answer to it, for good.
  double repeat = 0.02;         // A request is sent twice; the first one arrives later.
  double disk = 0.02;           // A checkpoint cannot be written,
  bool disk_unsure = false;     // and is there all the same, every second time.
  bool long_sleeps = false;     // Whole days without a process, and with the cleaner.
  bool eager_members = false;   // The client joins the next generation before it tells.
  bool lose_commits = false;    // The cluster loses a commit that it confirmed,
  bool lose_newest = false;     // the newest of its partition.
  bool truncate_input = false;  // The cluster loses input that was not read.
};

class Host {
 public:
  Host(Random& random_of_seed, Cluster& of_world, const Faults& of_plan)
      : random(random_of_seed), cluster(of_world), faults(of_plan) {}
  virtual ~Host() = default;

  // Where a process waits for something of the outside: throws Killed, or returns later.
  virtual void Yield(int process) = 0;
  virtual void Trace(int process, const std::string& what) = 0;

  // Sends a message that arrives some time later, whoever is alive by then.
  void Delay(std::function<void()> message) {
    on_the_way.push_back({now + random.Between(1, random.Chance(0.3) ? 30'000 : 500), std::move(message)});
  }
  void Deliver() {
    for (size_t i = 0; i < on_the_way.size();) {
      if (on_the_way[i].at > now) {
        ++i;
        continue;
      }
      const std::function<void()> message = std::move(on_the_way[i].message);
      on_the_way.erase(on_the_way.begin() + static_cast<ptrdiff_t>(i));
      message();
    }
  }

  Random& random;
  Cluster& cluster;
  Faults faults;
  int64_t now = 1'700'000'000'000;  // Milliseconds of the true clock.
  bool calm = false;                // No more faults.

 protected:
  struct OnTheWay {
    int64_t at;
    std::function<void()> message;
  };
  std::vector<OnTheWay> on_the_way;
};

}  // namespace tocsin::sim
