// What the embedded log removes, and when.
#include <algorithm>
#include <utility>

#include "daemon/log/local_frames.h"
#include "daemon/log/local_store.h"

namespace tocsin::daemon {
namespace {

// A new segment is begun this often in the time that input is kept: whole segments are removed, so what is
// young goes with what is old.
constexpr int kSegmentsInRetention = 10;
constexpr Millis kOutputsTurnMax = std::chrono::hours(24);
// 2020-01-01: a machine whose clock says less has not been told the time yet, and nothing is as old as it
// seems.
constexpr Timestamp kClockIsSet = FromMillis(1'577'836'800'000);

Millis TurnAfter(std::chrono::seconds outputs_retention) {
  return std::min<Millis>(outputs_retention / kSegmentsInRetention, kOutputsTurnMax);
}

// When the first frame of the segment that begins at `position` arrived; nothing when it cannot be read.
std::optional<Timestamp> FirstArrival(const std::string& directory, int64_t position, int64_t end) {
  FrameFile::Reader reader(directory);
  if (!reader.Seek(position)) return std::nullopt;
  std::string_view frame;
  if (const Result<bool> more = reader.Next(end, frame); !more || !*more) return std::nullopt;
  schemas::Record record;
  std::vector<schemas::Header> headers;
  if (!DecodeInput(frame, record, headers)) return std::nullopt;
  return record.appended_at;
}

}  // namespace

void LocalStore::Checkpointed(int partition, int64_t changelog_position) {
  const std::lock_guard lock(commit_mutex_);
  const auto index = static_cast<size_t>(partition);
  int64_t& uncovered = uncovered_[index];
  if (newest_[index] < changelog_position) {
    uncovered = -1;
  } else if (changelog_position < covered_[index] || uncovered < changelog_position) {
    // Later commits of the partition lie at or after this position. Before the last checkpoint lies that of a
    // restore from nothing.
    uncovered = changelog_position;
  }
  // Otherwise a restore begins at the checkpoint that is known: nothing before its first commit since is its,
  // and what lies between may be removed.
  covered_[index] = changelog_position;
  if (!behind_.empty()) return;
  if (Result<Done> marked = WriteMark(); !marked) return;  // Tried again at the next checkpoint.
  Trim();
}

// REQUIRES: commit_mutex_ is held.
void LocalStore::Trim() {
  // A partition of a directory of an older version, before it is restored: what it needs is not known.
  if (std::ranges::any_of(covered_, [](int64_t position) { return position < 0; })) return;
  int64_t keep = marked_;
  for (const int64_t position : uncovered_) {
    if (position >= 0) keep = std::min(keep, position);
  }
  commits_->TrimBefore(keep);
  const std::lock_guard lock(input_mutex_);
  for (size_t i = 0; i < input_.size(); ++i) {
    input_[i]->TrimBefore(input_position_[i].load() - static_cast<int64_t>(options_.retention_bytes));
  }
}

void LocalStore::Tidy(Timestamp now) {
  if (now < kClockIsSet) return;
  const Millis every = std::min<Millis>(
      kTidyEvery, std::min(options_.retention, options_.outputs_retention) / kSegmentsInRetention);
  if (now >= tidied_at_ && now - tidied_at_ < every) return;
  tidied_at_ = now;
  TidyOutputs(now);
  TidyCommits(now);
  for (int partition = 0; partition < options_.partitions; ++partition) TidyInput(partition, now);
}

void LocalStore::TidyOutputs(Timestamp now) {
  const std::lock_guard lock(commit_mutex_);
  if (!CatchUp()) {
    if (turning_) return;
    // On a full disk what is over makes the room for what waits to be written.
    static_cast<void>(outputs_->Remove(now - options_.outputs_retention));
    if (!CatchUp()) return;  // There is none yet: tried again.
  }
  const bool news = outputs_->Tell(now, TurnAfter(options_.outputs_retention));
  if (outputs_->IsDue(now, TurnAfter(options_.outputs_retention))) {
    TurnOutputs(now);
  } else if (news || marked_ < commits_->durable_end()) {
    // Also when a checkpoint could not: nothing is removed that no mark knows of.
    static_cast<void>(WriteMark());
  }
  if (turning_) return;
  const bool holds = outputs_->Remove(now - options_.outputs_retention);
  held_ = holds ? held_ + 1 : 0;
  // At the first time after a start delivery may not have said where it stands.
  if (held_ == 2 && options_.report) {
    options_.report("outputs_held",
                    "notices or tickets that were set aside are not delivered yet: they are kept beyond "
                    "local.outputs_retention until they are");
  }
}

// REQUIRES: commit_mutex_ is held; the output files hold the outputs of every commit.
void LocalStore::TurnOutputs(Timestamp now) {
  if (!WriteMark()) return;  // Only what is on disk is set aside.
  const Result<Done> begun = outputs_->BeginTurn(now);
  if (!begun && !std::exchange(moved_, true) && options_.report)
    options_.report("outputs_not_set_aside", begun.error().ToString());
  if (!begun) return;
  moved_ = false;
  turning_ = true;
  static_cast<void>(EndTurn());  // Otherwise before the next commit.
}

// Each step is known to be on disk before the next. REQUIRES: commit_mutex_ is held.
Result<Done> LocalStore::EndTurn() {
  if (!turning_) return Done{};
  if (outputs_->turning()) {
    if (Result<Done> marked = WriteMark(); !marked) return marked;
    if (Result<Done> set_aside = outputs_->SetAside(); !set_aside) return set_aside;
  }
  if (Result<Done> marked = WriteMark(); !marked) return marked;
  turning_ = false;
  return Done{};
}

void LocalStore::TidyCommits(Timestamp now) {
  const std::lock_guard lock(commit_mutex_);
  const bool empty = commits_->end() == commits_->segments().back();
  // A clock that was set back: what it said before is not believed.
  const bool known = commits_from_ && *commits_from_ <= now;
  if (empty || !known || now - *commits_from_ >= options_.retention / kSegmentsInRetention) {
    if (commits_->Turn()) commits_from_ = now;
  }
  Trim();
}

// When the first frame of the segment arrived, or was seen first when its time had not come by then: a clock
// that was ahead is not believed. Nothing when it cannot be read.
std::optional<Timestamp> LocalStore::ArrivalOf(int partition, int64_t segment, Timestamp now) {
  const std::pair key(partition, segment);
  const std::optional<Timestamp> arrived =
      FirstArrival(InputDirectory(partition), segment, InputEnd(partition));
  if (!arrived || *arrived <= now) {
    ahead_.erase(key);  // It was not that clock that was wrong, but one that was behind for a while.
    return arrived;
  }
  return std::min(ahead_.try_emplace(key, now).first->second, now);
}

// On a full disk no segment is begun, which is tried again: what is removed makes room.
void LocalStore::TidyInput(int partition, Timestamp now) {
  FrameFile& input = *input_[static_cast<size_t>(partition)];
  const int64_t end = InputEnd(partition);
  const auto segments = [&] {
    const std::lock_guard lock(input_mutex_);
    return input.segments();
  };
  if (const int64_t last = segments().back(); last < end) {
    const std::optional<Timestamp> arrived = ArrivalOf(partition, last, now);
    const std::lock_guard lock(input_mutex_);
    if (!arrived || now - *arrived >= options_.retention / kSegmentsInRetention)
      static_cast<void>(input.Turn());
  }
  int64_t kept_from = 0;
  const std::vector<int64_t> begins = segments();
  for (size_t i = 0; i + 1 < begins.size(); ++i) {
    const std::optional<Timestamp> arrived = ArrivalOf(partition, begins[i], now);
    const bool over = arrived && now - *arrived >= options_.retention;
    // One that cannot be read, or of a clock that was ahead, goes with the next at the latest.
    if (arrived && !over && !ahead_.contains({partition, begins[i]})) break;
    if (over) kept_from = begins[i + 1];
  }
  const std::lock_guard lock(input_mutex_);
  input.TrimBefore(std::min(kept_from, input_position_[static_cast<size_t>(partition)].load()));
  ahead_.erase(ahead_.lower_bound({partition, 0}), ahead_.lower_bound({partition, input.begin()}));
}

}  // namespace tocsin::daemon
