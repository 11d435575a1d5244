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
  // Later commits of the partition, if there are any, lie at or after this position.
  uncovered_[index] = newest_[index] >= changelog_position ? changelog_position : -1;
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
  if (!CatchUp()) return;  // A full disk: tried again.
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
  if (empty || !commits_from_ || now - *commits_from_ >= options_.retention / kSegmentsInRetention) {
    if (commits_->Turn()) commits_from_ = now;
  }
  Trim();
}

// On a full disk no segment is begun, which is tried again: what is removed makes room.
void LocalStore::TidyInput(int partition, Timestamp now) {
  const std::string directory = InputDirectory(partition);
  FrameFile& input = *input_[static_cast<size_t>(partition)];
  const int64_t end = InputEnd(partition);
  const auto segments = [&] {
    const std::lock_guard lock(input_mutex_);
    return input.segments();
  };
  if (const int64_t last = segments().back(); last < end) {
    const std::optional<Timestamp> arrived = FirstArrival(directory, last, end);
    const std::lock_guard lock(input_mutex_);
    if (!arrived || now - *arrived >= options_.retention / kSegmentsInRetention)
      static_cast<void>(input.Turn());
  }
  int64_t kept_from = 0;
  const std::vector<int64_t> begins = segments();
  for (size_t i = 0; i + 1 < begins.size(); ++i) {
    const std::optional<Timestamp> arrived = FirstArrival(directory, begins[i], end);
    if (arrived && now - *arrived < options_.retention) break;
    // One that cannot be read goes with the next.
    if (arrived) kept_from = begins[i + 1];
  }
  const std::lock_guard lock(input_mutex_);
  input.TrimBefore(std::min(kept_from, input_position_[static_cast<size_t>(partition)].load()));
}

}  // namespace tocsin::daemon
