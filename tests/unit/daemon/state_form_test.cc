// Rolling back: a program that meets what a later version of it wrote says so before it serves anything, and
// the later one finds everything again.
#include "daemon/engine/state_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "daemon/detection/account.h"
#include "daemon/engine/task.h"
#include "daemon/log/no_changelog.h"
#include "tests/support/counting_processor.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;

CommitRecord SomeCommit(uint64_t form) {
  return {.sequence = 7,
          .positions = {{.topic = "t", .next = 9}},
          .segments = 3,
          .outputs = 2,
          .events = 11,
          .chain = 42,
          .state_form = form};
}

TEST(CommitRecordTest, TheFormOfStatesIsInItOnceThereIsOne) {
  for (const uint64_t form : {0U, 1U, 300U}) {
    const auto read = DecodeCommitRecord(Encode(SomeCommit(form)));
    ASSERT_TRUE(read) << read.error().ToString();
    EXPECT_EQ(*read, SomeCommit(form));
  }
  // What programs wrote before there was one, byte by byte, is what they find again.
  std::string before = Encode(SomeCommit(0));
  EXPECT_EQ(before.front(), 1);
  EXPECT_EQ(Encode(SomeCommit(5)).substr(1), before.substr(1) + '\5');
}

TEST(CommitRecordTest, ALaterVersionIsToldFromDamage) {
  std::string later = Encode(SomeCommit(5));
  later.front() = 3;
  ASSERT_FALSE(DecodeCommitRecord(later));
  EXPECT_EQ(DecodeCommitRecord(later).error().code, ErrorCode::kConflict);
  for (const std::string& damaged :
       {Encode(SomeCommit(5)).replace(0, 1, "\xff"), Encode(SomeCommit(5)) + "x",
        '\0' + Encode(SomeCommit(5)).substr(1), Encode(SomeCommit(0)).replace(0, 1, "\2"), std::string()}) {
    ASSERT_FALSE(DecodeCommitRecord(damaged));
    EXPECT_EQ(DecodeCommitRecord(damaged).error().code, ErrorCode::kCorrupt);
  }
}

// A changelog in memory.
class MemoryLog final : public Log {
 public:
  std::vector<ChangelogRecord> changelog;

  Result<size_t> Poll(std::chrono::milliseconds, size_t, LogListener&) override { return size_t{0}; }
  Result<Done> Seek(int32_t, std::span<const TopicPosition>) override { return Done{}; }
  Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t, int64_t from) override {
    return std::unique_ptr<ChangelogReading>(std::make_unique<Reading>(changelog, from));
  }
  Result<Done> Commit(std::span<TaskCommit>, std::vector<int64_t>&) override { return Done{}; }
  std::optional<std::chrono::milliseconds> deletions_kept_for() const override { return std::nullopt; }
  void OnCheckpoint(int32_t, int64_t) override {}
  bool has_changelog() const override { return true; }
  bool finished() const override { return false; }
  void Pause(int32_t, bool) override {}

 private:
  // A record a time, as a slow network has it.
  class Reading final : public ChangelogReading {
   public:
    Reading(const std::vector<ChangelogRecord>& records, int64_t from) : records_(records), next_(from) {}
    Result<std::optional<int64_t>> Read(size_t, const ChangelogVisitor& visit) override {
      if (next_ < std::ssize(records_)) {
        const ChangelogRecord& record = records_[static_cast<size_t>(next_++)];
        if (Result<Done> seen = visit(record.key, record.value, next_); !seen) return seen.error();
      }
      if (next_ < std::ssize(records_)) return std::optional<int64_t>();
      return std::optional<int64_t>(next_);
    }

   private:
    const std::vector<ChangelogRecord>& records_;
    int64_t next_;
  };
};

// Writes a state that versions of a lesser form cannot read.
class VersionedState final : public KeyedState {
 public:
  explicit VersionedState(uint64_t form) : form_(form) {}
  uint64_t changed() const override { return changed_; }
  void ClearChanged() override { changed_ = 0; }
  uint64_t segments() const override { return 2; }
  void EncodeSegment(uint8_t, std::string& out) const override { ByteWriter(out).Varint(written_); }
  Result<Done> DecodeSegment(uint8_t, std::string_view bytes) override {
    ByteReader reader(bytes);
    written_ = bytes.empty() ? 0 : reader.Varint();
    if (written_ > form_) return Error{ErrorCode::kCorrupt, "segment 1", "cannot be read"};
    return Done{};
  }
  size_t ByteSize() const override { return sizeof(*this); }
  void Write() {
    written_ = form_;
    changed_ = 2;
  }

 private:
  const uint64_t form_;
  uint64_t written_ = 0;
  uint64_t changed_ = 0;
};

class Version final : public Processor {
 public:
  explicit Version(uint64_t form) : form_(form) {}
  std::unique_ptr<KeyedState> NewState(std::string_view) const override {
    return std::make_unique<VersionedState>(form_);
  }
  uint64_t state_form() const override { return form_; }
  Result<Done> Process(const schemas::Record& record, Timestamp, States& states, Outputs&) override {
    const Result<KeyedState*> state = states.Load(record.key);
    if (!state) return state.error();
    static_cast<VersionedState&>(**state).Write();
    return Done{};
  }

 private:
  const uint64_t form_;
};

class StateFormTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = StateStore::Open(directory_ / "state", {});
    ASSERT_TRUE(opened) << opened.error().ToString();
    store_ = *std::move(opened);
  }
  // A start of a version: restored, then an event of this account, if any, and a checkpoint, if `keep`.
  Result<Done> Run(uint64_t form, std::string_view account, bool keep) {
    Version version(form);
    auto partition = store_->OpenPartition("partition-0");
    if (!partition) return partition.error();
    Task task(0, "test", version, *std::move(partition), log_, config_, metrics_);
    if (Result<Done> begun = task.BeginRestore({}, {}, false); !begun) return begun;
    while (!task.restored()) {
      if (Result<bool> restored = task.RestoreSome(100); !restored) return restored.error();
    }
    if (account.empty()) return Done{};
    const schemas::Record record{.topic = "t", .offset = ++offset_, .key = account};
    if (Result<Done> processed = task.Process(record, {}); !processed) return processed;
    const TaskCommit commit = task.PrepareCommit();
    log_.changelog.insert(log_.changelog.end(), commit.changelog.begin(), commit.changelog.end());
    task.Committed(std::ssize(log_.changelog), {});
    return keep ? task.Checkpoint({}) : Done{};
  }
  // A start is refused; in a process that runs the partition waits, and no other with it.
  static void ExpectLater(const Result<Done>& result, ErrorCode code = ErrorCode::kCorrupt) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << result.error().ToString();
    EXPECT_THAT(result.error().ToString(), HasSubstr("written by a later version of Tocsin"));
    EXPECT_THAT(result.error().ToString(), HasSubstr("run that one again"));
  }

  TempDirectory directory_;
  std::unique_ptr<StateStore> store_;
  MemoryLog log_;
  EngineConfig config_;
  WorkerMetrics metrics_;
  int64_t offset_ = 0;
};

TEST_F(StateFormTest, AnEarlierVersionServesNothingOfACheckpointThatIsLater) {
  ASSERT_TRUE(Run(2, "ann", true));
  EXPECT_TRUE(CheckStateForms(*store_, 2));
  ExpectLater(CheckStateForms(*store_, 1), ErrorCode::kConflict);
  ExpectLater(Run(1, "bob", true));
  const Result<Done> forward = Run(3, "bob", true);
  EXPECT_TRUE(forward) << forward.error().ToString();
}

TEST_F(StateFormTest, NorOfAChangelogAndItSaysWhyItCannotReadIt) {
  ASSERT_TRUE(Run(1, "ann", true));
  ASSERT_TRUE(Run(2, "ann", false));
  EXPECT_TRUE(CheckStateForms(*store_, 1));  // The checkpoint is its own; what followed is not.
  ExpectLater(Run(1, "bob", true));
  // Nothing was lost by the attempt.
  const Result<Done> forward = Run(2, "bob", true);
  EXPECT_TRUE(forward) << forward.error().ToString();
}

// An account that the later version has not written since is in the old form; the partition is not.
TEST_F(StateFormTest, OnceWrittenByALaterVersionAPartitionStaysLater) {
  ASSERT_TRUE(Run(2, "ann", false));
  ASSERT_TRUE(Run(3, "bob", true));
  log_.changelog.clear();
  ExpectLater(Run(2, "", false));
}

TEST_F(StateFormTest, DamageIsNotTakenForALaterVersion) {
  ASSERT_TRUE(Run(1, "ann", false));
  log_.changelog.front().value = "\x09";
  const Result<Done> ran = Run(1, "bob", false);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, ErrorCode::kCorrupt) << ran.error().ToString();
  EXPECT_THAT(ran.error().ToString(), testing::Not(HasSubstr("later version")));
}

TEST_F(StateFormTest, AnEmptyStoreIsOfEveryVersion) { EXPECT_TRUE(CheckStateForms(*store_, 0)); }

TEST(AccountFormTest, CountsTheVersionOfEverySegment) {
  // Each segment has a version, from 1 on, and so have the two of the partition and the three of cases.
  EXPECT_GE(Account::Form(), detectors::kSegments.size() + 5);
}

}  // namespace
}  // namespace tocsin::daemon
