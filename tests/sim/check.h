// What must be true of a world that has come to rest, computed from what the cluster really holds.
#pragma once

#include <string>

#include "tests/sim/cluster.h"
#include "tests/sim/disk.h"

namespace tocsin::sim {

// The group's offsets stand at the end of all input.
[[nodiscard]] bool AllRead(Cluster& cluster);

// Outputs, dead letters, states in the changelog, the chain of commits. Empty, or what is wrong.
[[nodiscard]] std::string CheckWorld(Cluster& cluster, bool drained, bool& repeated);

// A checkpoint that may be used, and the changelog from its position, make the states.
[[nodiscard]] std::string CheckDisk(Cluster& cluster, const Disk& disk, int64_t now);

}  // namespace tocsin::sim
