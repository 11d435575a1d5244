// A state directory that survives its process, in one of the ways in which directories do: whole, old, gone,
// or with bytes that cannot be read. A checkpoint is atomic and on the disk at once, as the store promises
// (docs/guarantees.md); it may be refused, and be there all the same.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/store/newest_handle.h"
#include "daemon/store/state_store.h"
#include "tests/sim/host.h"

namespace tocsin::sim {

struct Disk {
  struct Image {
    std::optional<daemon::CheckpointMark> mark;
    std::map<std::string, std::string> states;
    bool mark_unreadable = false;
    bool states_unreadable = false;
  };
  std::map<std::string, Image> images;
  std::map<std::string, daemon::NewestHandle> newest;
};

class SimStore final : public daemon::StateStore {
 public:
  SimStore(Host& host, int process, Disk& disk) : host_(host), process_(process), disk_(disk) {}
  [[nodiscard]] Result<std::unique_ptr<daemon::PartitionStore>> OpenPartition(
      const std::string& name) override;
  [[nodiscard]] std::vector<std::string> Partitions() const override;
  [[nodiscard]] uint64_t DiskBytes() const override { return 0; }
  [[nodiscard]] daemon::StoreStats Stats() const override { return {}; }

 private:
  Host& host_;
  const int process_;
  Disk& disk_;
};

}  // namespace tocsin::sim
