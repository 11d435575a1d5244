// A log with a changelog in memory that hands over what the test says.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/log/log.h"

namespace tocsin::daemon {

class ScriptedLog final : public Log {
 public:
  std::function<size_t(LogListener&)> poll;  // Of the next Poll, after its wait.
  std::vector<std::string> outputs;
  std::vector<int32_t> sought;
  std::chrono::milliseconds waited{0};  // Of the last Poll.

  Result<size_t> Poll(std::chrono::milliseconds wait, size_t, LogListener& listener) override {
    waited = wait;
    return poll(listener);
  }
  Result<Done> Seek(int32_t partition, std::span<const TopicPosition>) override {
    sought.push_back(partition);
    return Done{};
  }
  class Reading final : public ChangelogReading {
   public:
    Reading(const std::vector<ChangelogRecord>& records, int64_t from) : records_(records), next_(from) {}
    Result<std::optional<int64_t>> Read(size_t records_max, const ChangelogVisitor& visit) override {
      for (size_t i = 0; i < records_max && next_ < std::ssize(records_); ++i) {
        const ChangelogRecord& record = records_[static_cast<size_t>(next_++)];
        if (Result<Done> seen = visit(record.key, record.value, next_); !seen) return seen.error();
      }
      return next_ < std::ssize(records_) ? std::optional<int64_t>() : std::optional<int64_t>(next_);
    }

   private:
    const std::vector<ChangelogRecord>& records_;
    int64_t next_;
  };
  std::map<int32_t, std::vector<ChangelogRecord>> changelogs;

  bool away = false;  // The changelog.
  bool full = false;  // Nothing can be committed.
  std::vector<int32_t> stopped;

  Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t partition, int64_t from) override {
    if (away) return Error{ErrorCode::kUnavailable, "log", "test"};
    return std::unique_ptr<ChangelogReading>(std::make_unique<Reading>(changelogs[partition], from));
  }
  Result<Done> Commit(std::span<TaskCommit> commits, std::vector<int64_t>& changelog_next) override {
    if (full) return Error{ErrorCode::kUnavailable, "log", "test"};
    changelog_next.clear();
    for (const TaskCommit& commit : commits) {
      for (const schemas::OutRecord& output : commit.outputs) outputs.push_back(output.value);
      std::vector<ChangelogRecord>& records = changelogs[commit.partition];
      records.insert(records.end(), commit.changelog.begin(), commit.changelog.end());
      changelog_next.push_back(std::ssize(records));
    }
    return Done{};
  }
  std::optional<std::chrono::milliseconds> deletions_kept_for() const override { return std::nullopt; }
  void OnCheckpoint(int32_t, int64_t) override {}
  void OnStopped(int32_t partition) override { stopped.push_back(partition); }
  bool one_position_a_record() const override { return true; }
  bool has_changelog() const override { return true; }
  bool finished() const override { return false; }
  void Pause(int32_t, bool) override {}
};

}  // namespace tocsin::daemon
