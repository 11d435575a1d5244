// The screen of `tocsin top`, from two looks at /metrics.
#include "daemon/cli/metrics_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kBefore =
    "# HELP tocsin_events_total Events.\n"
    "tocsin_events_total{type=\"login\"} 100\ntocsin_events_total{type=\"transaction\"} 50\n"
    "tocsin_verdicts_total{detector=\"new_device\",verdict=\"alert\"} 1\n"
    "tocsin_commit_seconds_sum 1\ntocsin_commit_seconds_count 100\n";
constexpr const char* kNow =
    "tocsin_events_total{type=\"login\"} 160\ntocsin_events_total{type=\"transaction\"} 90\n"
    "tocsin_verdicts_total{detector=\"new_device\",verdict=\"alert\"} 5\n"
    "tocsin_verdicts_total{detector=\"new_device\",verdict=\"clear\"} 999\n"
    "tocsin_verdicts_total{detector=\"velocity\",verdict=\"alert\"} 9\n"
    "tocsin_build_info{version=\"9.9\",rules=\"r\",geoip=\"g\"} 1\ntocsin_ready 1\n"
    "tocsin_config_last_reload_successful 1\n"
    "tocsin_commit_seconds_sum 1.5\ntocsin_commit_seconds_count 200\n";

TEST(MetricsSampleTest, AddsSeriesUp) {
  const MetricsSample sample(kNow);
  EXPECT_EQ(sample.Sum("tocsin_events_total"), 250);
  EXPECT_EQ(sample.Sum("nothing"), 0);
  EXPECT_THAT(sample.By("tocsin_verdicts_total", "detector", "verdict=\"alert\""),
              ElementsAre(testing::Pair("new_device", 5), testing::Pair("velocity", 9)));
}

TEST(ScreenTest, ShowsRatesBetweenTheTwoLooks) {
  const std::string screen = Screen({.before = MetricsSample(kBefore),
                                     .now = MetricsSample(kNow),
                                     .seconds = 2,
                                     .findings = {"a finding"}});
  EXPECT_THAT(screen, HasSubstr("tocsin 9.9   serving"));
  EXPECT_THAT(screen, testing::ContainsRegex("events +50/s +250"));
  EXPECT_THAT(screen, HasSubstr("commit 5 ms"));
  EXPECT_THAT(screen, HasSubstr("alerts velocity 4.5/s, new_device 2/s"));
  EXPECT_THAT(screen, HasSubstr("    a finding\n"));
  EXPECT_THAT(screen, Not(HasSubstr("CONFIG REFUSED")));
}

TEST(ScreenTest, SaysWhatWaitsForAPerson) {
  EXPECT_THAT(Screen({.before = {}, .now = MetricsSample(kNow)}), Not(HasSubstr("STOPPED")));
  const MetricsSample now(
      "tocsin_partitions_stopped 2\n"
      "tocsin_delivery_partitions{status=\"serving\"} 7\ntocsin_delivery_partitions{status=\"stopped\"} 1\n");
  EXPECT_THAT(Screen({.before = {}, .now = now}), HasSubstr("   STOPPED 2   DELIVERY STOPPED 1"));
}

TEST(ScreenTest, ShowsPartitionsThatNeedSomebodyFirst) {
  std::vector<PartitionView> partitions;
  for (int i = 0; i < 9; ++i) {
    PartitionView& one = partitions.emplace_back();
    one.partition = std::to_string(i);
    one.state = "serving";
    one.waiting = 10.0 * i;
  }
  partitions[3].state = "restoring";
  partitions[4].state = "stopped";
  partitions[4].why = "torn";
  partitions[8].positions = "logins 17";
  const std::string screen = Screen({.before = {}, .now = {}, .partitions = partitions});
  EXPECT_THAT(screen, HasSubstr("  partitions\n"
                                "    4    stopped    lag 40             torn\n"
                                "    3    restoring  lag 30             \n"
                                "    8    serving    lag 80             logins 17\n"
                                "    7    serving    lag 70             \n"
                                "    6    serving    lag 60             \n"
                                "    and 4 serving, lag 80\n"));
  EXPECT_THAT(Screen({.before = {}, .now = {}}), Not(HasSubstr("  partitions\n")));
}

TEST(ScreenTest, FitsTheTerminal) {
  const std::string screen =
      Screen({.before = {}, .now = {}, .findings = {std::string(500, 'x')}, .width = 40, .rows = 7});
  EXPECT_EQ(std::ranges::count(screen, '\n'), 7);
  for (size_t at = 0; at < screen.size(); at = screen.find('\n', at) + 1)
    EXPECT_LE(screen.find('\n', at) - at, 40U);
}

}  // namespace
}  // namespace tocsin::daemon
