#include "alerts/case_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/bytes.h"
#include "tests/unit/alerts/case_file_samples.h"

namespace tocsin::alerts {
namespace {

using namespace std::chrono_literals;

using samples::Bytes;
using samples::Full;
using samples::kNoon;
using samples::Said;

TEST(CaseFileTest, EncodesEveryMember) {
  const CaseFile file = Full();
  CaseFile read;
  for (const Segment segment : kSegments) ASSERT_TRUE(read.DecodeSegment(segment, Bytes(file, segment)));
  EXPECT_EQ(read, file);
  EXPECT_EQ(read.changed(), 0u);
}

TEST(CaseFileTest, EncodesWhatIsSaidOfTheAccount) {
  const CaseFile file = Said();
  CaseFile read;
  for (const Segment segment : kSegments) ASSERT_TRUE(read.DecodeSegment(segment, Bytes(file, segment)));
  EXPECT_EQ(read, file);
  CaseFile alone;
  alone.MutableAddressedBefore() = file.addressed_before();
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, Bytes(alone, Segment::kCase)));
  EXPECT_EQ(read.addressed_before(), file.addressed_before());
  EXPECT_TRUE(read.cases().empty());
}

TEST(CaseFileTest, EmptyIsNothing) {
  for (const Segment segment : kSegments) {
    EXPECT_EQ(Bytes(CaseFile(), segment), "");
    CaseFile file = Full();
    ASSERT_TRUE(file.DecodeSegment(segment, ""));
    EXPECT_EQ(Bytes(file, segment), "");
  }
}

TEST(CaseFileTest, KnowsWhatThePlatformSaysOfAFreeze) {
  using schemas::AccountStatus;
  using schemas::ChangeKind;
  CaseFile file;
  EXPECT_FALSE(file.IsFrozen(AccountStatus::kNone));
  EXPECT_TRUE(file.IsFrozen(AccountStatus::kFrozen)) << "the profile says so";
  const auto change = [&file](Timestamp at, ChangeKind kind) {
    schemas::Event event;
    event.event_id = EventId(FormatRfc3339(at));
    event.occurred_at = at;
    event.type = schemas::EventType::kAccountChange;
    event.payload = schemas::AccountChange{.change = kind};
    file.Remember(event);
  };
  change(kNoon, ChangeKind::kFrozen);
  EXPECT_TRUE(file.IsFrozen(AccountStatus::kActive)) << "the profile is older";
  CaseFile read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, Bytes(file, Segment::kCase)));
  ASSERT_TRUE(read.DecodeSegment(Segment::kTimeline, Bytes(file, Segment::kTimeline)));
  EXPECT_EQ(read, file);
  change(kNoon + 2h, ChangeKind::kUnfrozen);
  change(kNoon + 1h, ChangeKind::kFrozen);
  change(kNoon + 3h, ChangeKind::kPayeeAdded);
  EXPECT_FALSE(file.IsFrozen(AccountStatus::kFrozen)) << "the later word counts, whichever came first";
  schemas::Event profile;
  profile.type = schemas::EventType::kAccountProfile;
  profile.payload = schemas::AccountProfile{.status = AccountStatus::kFrozen};
  profile.occurred_at = kNoon + 1h;
  file.Remember(profile);
  EXPECT_FALSE(file.IsFrozen(AccountStatus::kFrozen));
  profile.occurred_at = kNoon + 4h;
  file.Remember(profile);
  EXPECT_TRUE(file.IsFrozen(AccountStatus::kFrozen)) << "a newer profile says it itself";
  EXPECT_EQ(Bytes(file, Segment::kCase), "");
}

TEST(CaseFileTest, SaysWhichSegmentChanged) {
  CaseFile file = Full();
  EXPECT_EQ(file.changed(), uint64_t{1} << 32 | uint64_t{1} << 33 | uint64_t{1} << 34);
  file.ClearChanged();
  schemas::Event profile;
  profile.type = schemas::EventType::kAccountProfile;
  profile.payload = schemas::AccountProfile{};
  file.Remember(profile);
  EXPECT_EQ(file.changed(), 0u);
}

// Cut, with a bit turned, or noise: an error or a state that encodes again, never a crash.
TEST(CaseFileTest, HostileBytesAreRefusedOrHarmless) {
  const CaseFile full = Said();
  std::mt19937 random(1);
  for (const Segment segment : kSegments) {
    const std::string good = Bytes(full, segment);
    const auto check = [&](const std::string& bytes) {
      CaseFile file;
      if (!file.DecodeSegment(segment, bytes)) {
        EXPECT_EQ(Bytes(file, segment), "");
        return;
      }
      CaseFile again;
      EXPECT_TRUE(again.DecodeSegment(segment, Bytes(file, segment)));
      EXPECT_EQ(again, file);
      EXPECT_LE(file.timeline().Items().size(), Timeline::kItemsMax);
      schemas::Event event;
      event.event_id = EventId("next");
      event.occurred_at = kNoon + 1min;
      file.Remember(event);
    };
    for (size_t size = 1; size < good.size(); ++size) {
      CaseFile file;
      EXPECT_FALSE(file.DecodeSegment(segment, good.substr(0, size))) << size;
    }
    EXPECT_FALSE(CaseFile().DecodeSegment(segment, good + '\0'));
    for (size_t i = 0; i < good.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string bytes = good;
        bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
        check(bytes);
      }
    }
    for (int round = 0; round < 2000; ++round) {
      std::string bytes(random() % 80, '\0');
      for (char& c : bytes) c = static_cast<char>(random());
      if (!bytes.empty()) bytes[0] = static_cast<char>(1 + round % 2);
      check(bytes);
    }
  }
}

}  // namespace
}  // namespace tocsin::alerts
