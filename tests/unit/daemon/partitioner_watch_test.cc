#include "daemon/log/partitioner_watch.h"

#include <gtest/gtest.h>

#include <functional>

#include "daemon/log/default_partitioner.h"

namespace tocsin::daemon {
namespace {

using Place = std::function<int32_t(const std::string& key)>;

int32_t ByMurmur2(const std::string& key) { return static_cast<int32_t>((Murmur2(key) & 0x7fffffffU) % 4); }

// As zlib.crc32(key) % 4 has it, for keys "k0" to "k7".
constexpr int32_t kCrc32Places[] = {3, 1, 3, 1, 2, 0, 2, 0};

std::string Complaint(const Place& logins, const Place& transactions, int records = 3000) {
  PartitionerWatch watch({"logins", "transactions"}, 4);
  std::string said;
  for (int i = 0; i < records; ++i) {
    const std::string key = "k" + std::to_string(i / 32 % 8);
    watch.See(0, key, logins(key));
    watch.See(1, key, transactions(key));
    watch.See(1, key, transactions(key));  // One of four is looked at later: of either topic in turn.
    said += watch.TakeComplaint();
  }
  return said;
}

TEST(PartitionerWatch, OnePartitionerIsFine) { EXPECT_EQ(Complaint(ByMurmur2, ByMurmur2), ""); }

TEST(PartitionerWatch, TwoAreToldOnceAndByName) {
  const Place crc32 = [](const std::string& key) { return kCrc32Places[key.back() - '0']; };
  const std::string said = Complaint(ByMurmur2, crc32);
  EXPECT_NE(said.find("logins: murmur2"), std::string::npos) << said;
  EXPECT_NE(said.find("transactions: CRC32"), std::string::npos) << said;
  EXPECT_NE(said.find("kafka.ingest: rekey"), std::string::npos);
  EXPECT_EQ(said.find("do not choose"), said.rfind("do not choose"));
}

// As in the first hour of an integration: some tens of records.
TEST(PartitionerWatch, TheFirstRecordsTell) {
  PartitionerWatch watch({"logins", "transactions"}, 4);
  for (int i = 0; i < 40; ++i) {
    const std::string key = "k" + std::to_string(i % 8);
    watch.See(0, key, ByMurmur2(key));
    watch.See(1, key, kCrc32Places[i % 8]);
  }
  EXPECT_NE(watch.TakeComplaint().find("transactions: CRC32"), std::string::npos);
}

TEST(PartitionerWatch, PlacesThatNobodyExplainsAreTold) {
  int next = 0;
  const Place round_robin = [&next](const std::string&) { return next++ % 4; };
  EXPECT_NE(Complaint(ByMurmur2, round_robin).find("none that is known"), std::string::npos);
}

TEST(PartitionerWatch, AFewRecordsSayNothing) {
  EXPECT_EQ(Complaint(
                ByMurmur2, [](const std::string&) { return 0; }, 3),
            "");
}

}  // namespace
}  // namespace tocsin::daemon
