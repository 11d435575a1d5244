#include "daemon/log/default_partitioner.h"

#include <gtest/gtest.h>

namespace tocsin::daemon {
namespace {

TEST(DefaultPartitioner, HashesAsTheKafkaClient) {
  // Values of the Java client's Utils.murmur2 test.
  EXPECT_EQ(static_cast<int32_t>(Murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")), -58897971);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("abc")), 479470107);
}

// By hand from the hashes above: of a negative one the sign is masked, not turned.
TEST(DefaultPartitioner, MasksTheSignOfAHash) {
  EXPECT_EQ(DefaultPartition("abc", 4), 3);
  EXPECT_EQ(DefaultPartition("foobar", 10), 6);  // Turned: 2.
  EXPECT_EQ(DefaultPartition("foobar", 1), 0);
}

}  // namespace
}  // namespace tocsin::daemon
