#include "tests/sim/disk.h"

namespace tocsin::sim {
namespace {

using daemon::CheckpointEntry;
using daemon::CheckpointMark;

const Error kTaken{ErrorCode::kUnavailable, "disk", "another worker has the partition now"};
const Error kUnreadable{ErrorCode::kCorrupt, "disk", "not what was written"};

class SimPartitionStore final : public daemon::PartitionStore {
 public:
  SimPartitionStore(Host& host, int process, Disk& disk, std::string name)
      : host_(host),
        process_(process),
        disk_(disk),
        name_(std::move(name)),
        number_(disk.newest[name_].Open()) {}

  Result<std::optional<CheckpointMark>> ReadMark() override {
    host_.Yield(process_);
    if (!Mine()) return kTaken;
    if (image().mark_unreadable) return kUnreadable;
    return image().mark;
  }
  Result<bool> Get(std::string_view key, std::string& value) override {
    if (!Mine()) return kTaken;
    if (image().states_unreadable) return kUnreadable;
    const auto found = image().states.find(std::string(key));
    if (found == image().states.end()) return false;
    value = found->second;
    return true;
  }
  Result<Done> Write(const CheckpointMark& mark, std::vector<CheckpointEntry>& entries) override {
    host_.Yield(process_);
    if (!Mine()) return kTaken;
    if (!host_.calm && host_.random.Chance(host_.faults.disk)) {
      host_.Trace(process_, name_ + ": disk full");
      if (host_.faults.disk_unsure && host_.random.Chance(0.5)) Keep(mark, entries);
      return Error{ErrorCode::kUnavailable, "disk", "full"};
    }
    Keep(mark, entries);
    return Done{};
  }
  Result<Done> ForEach(const std::function<void(std::string_view, std::string_view)>& visit) override {
    for (const auto& [key, value] : image().states) visit(key, value);
    return Done{};
  }
  Result<Done> Clear() override {
    host_.Yield(process_);
    if (!Mine()) return kTaken;
    image() = {};
    return Done{};
  }
  bool taken() const override { return !Mine(); }

 private:
  void Keep(const CheckpointMark& mark, const std::vector<CheckpointEntry>& entries) {
    for (const CheckpointEntry& entry : entries) {
      if (entry.value) {
        image().states[entry.key] = *entry.value;
      } else {
        image().states.erase(entry.key);
      }
    }
    image().mark = mark;
  }

  Disk::Image& image() { return disk_.images[name_]; }
  [[nodiscard]] bool Mine() const { return disk_.newest[name_].MayUse(number_); }

  Host& host_;
  const int process_;
  Disk& disk_;
  const std::string name_;
  const uint64_t number_;
};

}  // namespace

Result<std::unique_ptr<daemon::PartitionStore>> SimStore::OpenPartition(const std::string& name) {
  return std::unique_ptr<daemon::PartitionStore>(
      std::make_unique<SimPartitionStore>(host_, process_, disk_, name));
}

std::vector<std::string> SimStore::Partitions() const {
  std::vector<std::string> names;
  for (const auto& [name, image] : disk_.images) names.push_back(name);
  return names;
}

}  // namespace tocsin::sim
