// The partitions as /admin/v1/status writes them and tocsin top reads them.
#include "daemon/service/partitions_json.h"

#include <gtest/gtest.h>

#include "daemon/cli/metrics_view.h"

namespace tocsin::daemon {
namespace {

std::string Status(std::vector<PartitionStatus> partitions, const PartitionLags& lags) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("partition_states");
  WritePartitions(std::move(partitions), lags, json);
  json.EndObject();
  return out;
}

TEST(PartitionsJsonTest, SaysOfEachHowItStandsAndWhatWaits) {
  const std::vector<PartitionStatus> partitions = {
      {.partition = 5, .state = PartitionStatus::State::kStopped, .why = "torn", .positions = {}},
      {.partition = 2,
       .state = PartitionStatus::State::kServing,
       .why = {},
       .positions = {{"logins", 7}, {"transfers", 3}}}};
  const PartitionLags lags{.kafka = {{"logins", 2, 4, 0}, {"transfers", 2, 1, 0}, {"logins", 5, 9, 0}},
                           .pending_bytes = {}};
  EXPECT_EQ(Status(partitions, lags),
            R"({"partition_states":[{"partition":2,"state":"serving","lag_events":5,"positions":[)"
            R"({"topic":"logins","next":7,"lag_events":4},{"topic":"transfers","next":3,"lag_events":1}]},)"
            R"({"partition":5,"state":"stopped","why":"torn","lag_events":9,"positions":[]}]})");
}

TEST(PartitionsJsonTest, TheEmbeddedLogCountsBytes) {
  const std::vector<PartitionStatus> partitions = {
      {.partition = 0, .state = PartitionStatus::State::kRestoring, .why = {}, .positions = {{"local", 8}}}};
  EXPECT_EQ(Status(partitions, {.kafka = {}, .pending_bytes = {{0, 12}}}),
            R"({"partition_states":[{"partition":0,"state":"restoring","lag_bytes":12,"positions":[)"
            R"({"topic":"local","next":8}]}]})");
}

TEST(PartitionsJsonTest, IsReadBack) {
  const std::vector<PartitionView> read =
      PartitionsOf(Status({{.partition = 1,
                            .state = PartitionStatus::State::kServing,
                            .why = {},
                            .positions = {{"a", 2}, {"b", 3}}}},
                          {.kafka = {{"a", 1, 4, 0}}, .pending_bytes = {}}));
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].partition + " " + read[0].state + " " + read[0].positions, "1 serving a 2, b 3");
  EXPECT_EQ(read[0].waiting, 4);
  EXPECT_FALSE(read[0].in_bytes);
}

}  // namespace
}  // namespace tocsin::daemon
