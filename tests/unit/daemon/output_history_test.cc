// The output files of the embedded log are set aside and removed in time, and nothing of them is lost or
// there twice.
#include "daemon/log/output_history.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <random>
#include <set>

#include "base/bytes.h"
#include "base/hash.h"
#include "daemon/log/local_store.h"
#include "tests/support/committed_outputs.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
using schemas::OutputKind;
using std::chrono::hours;
using std::chrono::minutes;

constexpr hours kRetention{24 * 30};
constexpr hours kForLong{24 * 3650};
const Timestamp kStart = FromMillis(1'800'000'000'000);  // 2027-01-15T08:00:00Z
constexpr const char* kFirst = "20270115T080000Z";

class OutputHistoryTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = Open(directory_.path());
    store_->Tidy(kStart);
  }
  std::unique_ptr<LocalStore> Open(const std::string& directory, hours retention = kRetention) {
    auto opened = LocalStore::Open(
        {.directory = directory + "/log",
         .outputs = directory + "/out",
         .partitions = 1,
         .outputs_retention = retention,
         .report = [this](std::string_view code, const std::string&) { said_ += std::string(code) + " "; }});
    EXPECT_TRUE(opened) << opened.error().ToString();
    return opened ? *std::move(opened) : nullptr;
  }
  static void Put(LocalStore& store, const std::string& finding, const std::string& notice = {}) {
    auto commits = CommitOf({{OutputKind::kFinding, finding}});
    if (!notice.empty())
      commits[0].outputs.push_back({.kind = OutputKind::kNotice, .key = {}, .headers = {}, .value = notice});
    int64_t next = 0;
    ASSERT_TRUE(store.Commit(commits, next));
  }
  [[nodiscard]] std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_ / "out")) {
      const std::string name = entry.path().filename().string();
      if (name.find('.') != name.rfind('.')) names.insert(name);
    }
    return names;
  }
  [[nodiscard]] std::string Read(const std::string& name) const {
    return ReadFile(directory_ / "out/" + name);
  }
  void TidyEachHour(Timestamp from, Timestamp until) {
    for (Timestamp now = from; now <= until; now += hours(1)) store_->Tidy(now);
  }

  TempDirectory directory_;
  std::string said_;
  std::unique_ptr<LocalStore> store_;
};

TEST_F(OutputHistoryTest, FilesAreSetAsideEachDayUnderTheTimeTheyWereBegun) {
  Put(*store_, "finding-1", "notice-1");
  store_->Tidy(kStart + hours(23));
  EXPECT_TRUE(Names().empty());
  store_->Tidy(kStart + hours(24));
  Put(*store_, "finding-2");
  EXPECT_EQ(Names(), (std::set<std::string>{std::string("findings.") + kFirst + ".jsonl",
                                            std::string("notices.") + kFirst + ".jsonl"}));
  EXPECT_EQ(Read(std::string("findings.") + kFirst + ".jsonl"), "finding-1\n");
  EXPECT_EQ(Read("findings.jsonl"), "finding-2\n");
  EXPECT_EQ(Read("notices.jsonl"), "");
  EXPECT_FALSE(DecodeOutputsMark(Read("../log/outputs.mark"))->outputs.turning) << "it is over";
  EXPECT_EQ(AllOf(store_->outputs(), OutputKind::kFinding), "finding-1\nfinding-2\n");
}

TEST_F(OutputHistoryTest, WhatIsOlderThanItsTimeIsGoneWithWhateverWasMadeOfIt) {
  Put(*store_, "finding-1", "notice-1");
  TidyEachHour(kStart, kStart + hours(24));
  const std::string first = directory_ / "out/findings." + kFirst + ".jsonl";
  fs::rename(first, first + ".gz");
  directory_.Write("out/findings.19990101T000000Z.jsonl", "of a log that was here before");
  directory_.Write("out/findings.19990101.jsonl", "of somebody else");
  directory_.Write("out/labels.19990101T000000Z.jsonl", "of somebody else");
  TidyEachHour(kStart + hours(25), kStart + kRetention - hours(1));
  EXPECT_TRUE(fs::exists(first + ".gz"));
  store_->Tidy(kStart + kRetention);
  EXPECT_EQ(Names(), (std::set<std::string>{"findings.19990101.jsonl", "labels.19990101T000000Z.jsonl"}));
  EXPECT_EQ(said_, "");
}

// A machine without a clock of its own begins in 1970, until it hears what time it is.
TEST_F(OutputHistoryTest, AClockThatIsNotSetYetSaysNothing) {
  Put(*store_, "finding-1", "notice-1");
  store_->Tidy(Timestamp(hours(1)));
  store_->Tidy(kStart + hours(1));
  EXPECT_TRUE(Names().empty());
  EXPECT_EQ(Read("findings.jsonl"), "finding-1\n");
  TidyEachHour(kStart + hours(2), kStart + hours(24));
  EXPECT_EQ(Read(std::string("findings.") + kFirst + ".jsonl"), "finding-1\n");
}

// A backup of the state was put back beside the files of later: they are not cut without a trace.
TEST_F(OutputHistoryTest, WhatAnOlderStateKnowsNothingOfIsKeptAside) {
  Put(*store_, "finding-1", "notice-1");
  store_ = nullptr;
  fs::copy(directory_ / "log", directory_ / "backup", fs::copy_options::recursive);
  store_ = Open(directory_.path());
  EXPECT_EQ(said_, "");
  Put(*store_, "finding-2");
  Put(*store_, "finding-3");
  store_ = nullptr;
  fs::remove_all(directory_ / "log");
  fs::copy(directory_ / "backup", directory_ / "log", fs::copy_options::recursive);
  store_ = Open(directory_.path());
  EXPECT_EQ(said_, "outputs_beyond ");
  EXPECT_EQ(Read("findings.jsonl"), "finding-1\n");
  EXPECT_EQ(Read("notices.jsonl"), "notice-1\n");
  ASSERT_EQ(Names().size(), 1U);
  const std::string kept = *Names().begin();
  EXPECT_TRUE(kept.starts_with("findings.") && kept.ends_with("Z.jsonl.beyond")) << kept;
  EXPECT_EQ(Read(kept), "finding-2\nfinding-3\n");
  store_->Tidy(
      Timestamp{std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch())} +
      kRetention + hours(1));
  EXPECT_TRUE(Names().empty()) << "it is kept no longer than other outputs";
}

// Of a quiet log as well: the time since the files were begun is not the time since their first record.
TEST_F(OutputHistoryTest, ARecordIsKeptForItsTimeButADay) {
  for (int day = 1; day < 20; ++day) TidyEachHour(kStart + day * hours(24), kStart + (day + 1) * hours(24));
  Put(*store_, "finding-1");
  store_ = nullptr;
  store_ = Open(directory_.path());
  const Timestamp put = kStart + 20 * hours(24);
  TidyEachHour(put, put + kRetention - hours(25));
  EXPECT_EQ(AllOf(store_->outputs(), OutputKind::kFinding), "finding-1\n");
  TidyEachHour(put + kRetention - hours(24), put + kRetention);
  EXPECT_EQ(AllOf(store_->outputs(), OutputKind::kFinding), "");
}

TEST_F(OutputHistoryTest, WhatAReaderNeedsIsKeptAndItIsSaidOnce) {
  store_->outputs().NeededFrom(OutputKind::kNotice, 0);
  Put(*store_, "finding-1", "notice-1");
  TidyEachHour(kStart, kStart + kRetention + hours(5));
  EXPECT_EQ(Names(), std::set<std::string>{std::string("notices.") + kFirst + ".jsonl"});
  EXPECT_EQ(said_, "outputs_held ");
  store_ = nullptr;
  store_ = Open(directory_.path());
  store_->outputs().NeededFrom(OutputKind::kNotice, 8);  // Not all of the line.
  store_->Tidy(kStart + kRetention + hours(6));
  EXPECT_EQ(said_, "outputs_held ") << "after a start it is looked at twice";
  EXPECT_EQ(AllOf(store_->outputs(), OutputKind::kNotice), "notice-1\n");
  store_->outputs().NeededFrom(OutputKind::kNotice, 9);
  store_->Tidy(kStart + kRetention + hours(7));
  EXPECT_TRUE(Names().empty());
  EXPECT_EQ(store_->outputs().begin(OutputKind::kNotice), 9);
}

// As logrotate does it.
TEST_F(OutputHistoryTest, FilesThatSomebodyElseMovedAreNotSetAsideAndThatIsSaidOnce) {
  Put(*store_, "finding-1");
  fs::rename(directory_ / "out/findings.jsonl", directory_ / "out/findings.jsonl.1");
  TidyEachHour(kStart + hours(24), kStart + hours(30));
  EXPECT_EQ(said_, "outputs_not_set_aside ");
  Put(*store_, "finding-2");
  EXPECT_EQ(Read("findings.jsonl.1"), "finding-1\nfinding-2\n");
  fs::rename(directory_ / "out/findings.jsonl.1", directory_ / "out/findings.jsonl");
  store_->Tidy(kStart + hours(31));
  Put(*store_, "finding-3");
  EXPECT_EQ(AllOf(store_->outputs(), OutputKind::kFinding), "finding-1\nfinding-2\nfinding-3\n");
}

// Nothing is renamed that no mark knows of.
TEST_F(OutputHistoryTest, AMarkThatCannotBeWrittenPutsATurnOff) {
  Put(*store_, "finding-1");
  fs::create_directory(directory_ / "log/outputs.mark.new");
  store_->Tidy(kStart + hours(24));
  EXPECT_TRUE(Names().empty());
  fs::remove(directory_ / "log/outputs.mark.new");
  store_->Tidy(kStart + hours(25));
  EXPECT_EQ(Names(), std::set<std::string>{std::string("findings.") + kFirst + ".jsonl"});
}

// As on a disk without room for another file: nothing is committed until it is over.
TEST_F(OutputHistoryTest, ATurnThatFailsHalfWayIsEndedBeforeTheNextCommit) {
  Put(*store_, "finding-1");
  fs::remove(directory_ / "out/actions.jsonl");
  fs::create_directory(directory_ / "out/actions.jsonl");
  store_->Tidy(kStart + hours(24));
  EXPECT_EQ(Names(), std::set<std::string>{std::string("findings.") + kFirst + ".jsonl"});
  auto commits = CommitOf({{OutputKind::kFinding, "finding-2"}});
  int64_t next = 0;
  EXPECT_FALSE(store_->Commit(commits, next));
  TempDirectory crashed;
  fs::copy(directory_.path(), crashed.path(), fs::copy_options::recursive);
  fs::remove(directory_ / "out/actions.jsonl");
  fs::remove(crashed / "out/actions.jsonl");
  const std::unique_ptr<LocalStore> again = Open(crashed.path());
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(AllOf(again->outputs(), OutputKind::kFinding), "finding-1\n");
  ASSERT_TRUE(store_->Commit(commits, next));
  EXPECT_EQ(Read("findings.jsonl"), "finding-2\n");
  EXPECT_EQ(AllOf(store_->outputs(), OutputKind::kFinding), "finding-1\nfinding-2\n");
  store_ = nullptr;
  store_ = Open(directory_.path());
  EXPECT_EQ(AllOf(store_->outputs(), OutputKind::kFinding), "finding-1\nfinding-2\n");
}

// Copies of the directory as a crash leaves it at each step of a turn.
TEST_F(OutputHistoryTest, ATurnThatACrashInterruptsIsEnded) {
  Put(*store_, "finding-1", "notice-1");
  Put(*store_, "finding-2", "notice-2");
  TempDirectory before;
  TempDirectory after;
  const auto copy = [](const std::string& from, const TempDirectory& to) {
    fs::copy(from, to.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  };
  store_->Tidy(kStart + minutes(1));
  copy(directory_.path(), before);
  store_->Tidy(kStart + hours(24));
  copy(directory_.path(), after);
  std::optional<OutputsMark> mark = DecodeOutputsMark(ReadFile(after / "log/outputs.mark"));
  ASSERT_TRUE(mark);
  ASSERT_EQ(mark->outputs.older.size(), 1U);
  mark->outputs.turning = true;
  const std::vector<std::string> kinds{"findings", "notices"};
  for (size_t renamed = 0; renamed <= kinds.size() + 1; ++renamed) {
    SCOPED_TRACE(renamed);
    TempDirectory crashed;
    copy(before.path(), crashed);
    crashed.Write("log/outputs.mark", EncodeMark(*mark));
    for (const std::string& kind : kinds)  // What a loss of power may leave behind what was on disk.
      std::ofstream(crashed / "out/" + kind + ".jsonl", std::ios::app) << "half a li";
    for (size_t i = 0; i < std::min(renamed, kinds.size()); ++i) {
      const std::string file = crashed / "out/" + kinds[i];
      fs::resize_file(file + ".jsonl", fs::file_size(file + ".jsonl") - 9);
      fs::rename(file + ".jsonl", file + "." + kFirst + ".jsonl");
    }
    if (renamed > kinds.size()) crashed.Write("out/findings.jsonl", "half a li");
    std::unique_ptr<LocalStore> store = Open(crashed.path());
    ASSERT_NE(store, nullptr);
    Put(*store, "finding-3", "notice-3");
    EXPECT_EQ(ReadFile(crashed / "out/findings." + kFirst + ".jsonl"), "finding-1\nfinding-2\n");
    EXPECT_EQ(ReadFile(crashed / "out/findings.jsonl"), "finding-3\n");
    EXPECT_EQ(AllOf(store->outputs(), OutputKind::kNotice), "notice-1\nnotice-2\nnotice-3\n");
    EXPECT_FALSE(DecodeOutputsMark(ReadFile(crashed / "log/outputs.mark"))->outputs.turning);
  }
}

// The process itself, killed wherever it is: a turn comes with every third commit.
TEST_F(OutputHistoryTest, KilledAtAnyPointNothingIsLostAndNothingIsThereTwice) {
  store_ = nullptr;
  const auto count_of = [](LocalStore& store) {
    const std::string all = AllOf(store.outputs(), OutputKind::kFinding);
    return static_cast<int>(std::ranges::count(all, '\n'));
  };
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  int acknowledged = 0;
  for (int life = 0; life < 40; ++life) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe[0]);
      const std::unique_ptr<LocalStore> store = Open(directory_.path(), kForLong);
      if (store == nullptr) ::_exit(1);
      // No life makes so much that it grows old, or the pipe full, however late it is killed.
      const int first = count_of(*store);
      for (int n = first;;) {
        if (::write(pipe[1], &n, sizeof n) != sizeof n) ::_exit(1);
        ++n;
        auto commits =
            CommitOf({{OutputKind::kFinding, std::to_string(n)}, {OutputKind::kNotice, std::to_string(n)}});
        int64_t next = 0;
        if (!store->Commit(commits, next)) ::_exit(1);
        store->Tidy(kStart + n * minutes(500));
        while (n == first + 200) ::pause();
      }
    }
    ::close(pipe[1]);
    int said = -1;
    ASSERT_EQ(::read(pipe[0], &said, sizeof said), static_cast<ssize_t>(sizeof said)) << "the log is refused";
    EXPECT_GE(said, acknowledged) << "lost";
    // A few commits more, and a moment: some of the lives end in the middle of a turn.
    for (auto more = 1 + random() % 6; more > 0; --more) {
      acknowledged = said;
      ASSERT_EQ(::read(pipe[0], &said, sizeof said), static_cast<ssize_t>(sizeof said));
    }
    ::usleep(static_cast<useconds_t>(random() % 10'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    do acknowledged = said;
    while (::read(pipe[0], &said, sizeof said) == static_cast<ssize_t>(sizeof said));
    ::close(pipe[0]);
  }
  store_ = Open(directory_.path(), kForLong);
  ASSERT_NE(store_, nullptr);
  const int count = count_of(*store_);
  EXPECT_GE(count, acknowledged);
  std::string expected;
  for (int n = 1; n <= count; ++n) expected += std::to_string(n) + "\n";
  EXPECT_EQ(AllOf(store_->outputs(), OutputKind::kFinding), expected);
  EXPECT_EQ(AllOf(store_->outputs(), OutputKind::kNotice), expected);
  EXPECT_GT(Names().size(), 10U);
}

// Of a version that had one file of each kind, for ever.
TEST(OutputsMarkTest, OneOfAnOlderVersionIsRead) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.Byte(1);
  writer.Signed(77);
  for (uint64_t length = 0; length < kOutputKinds; ++length) writer.Fixed64(length * 10);
  const uint32_t crc = Crc32c(bytes);
  ByteWriter(bytes).Fixed32(crc);
  const std::optional<OutputsMark> mark = DecodeOutputsMark(bytes);
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->commits, 77);
  EXPECT_EQ(mark->outputs.current.lengths[3], 30U);
  EXPECT_EQ(mark->outputs.current.begins[3], 0);
  EXPECT_TRUE(mark->outputs.older.empty());
}

TEST(OutputsMarkTest, IsWhatWasWritten) {
  OutputsMark mark{.commits = 5};
  mark.outputs.current = {.began = kStart, .begins = {1, 2, 3, 4, 5, 6}, .lengths = {7, 8, 9, 10, 11, 12}};
  mark.outputs.older = {OutputPart{.began = kStart - hours(1), .lengths = {1, 2, 3, 4, 5, 6}}};
  mark.outputs.turning = true;
  const std::string bytes = EncodeMark(mark);
  const std::optional<OutputsMark> read = DecodeOutputsMark(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->outputs, mark.outputs);
  EXPECT_FALSE(DecodeOutputsMark(std::string_view(bytes).substr(0, bytes.size() - 1)));
}

}  // namespace
}  // namespace tocsin::daemon
