// What is stored of a delivery, and what is not taken for it.
#include "daemon/delivery/lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "daemon/delivery/parcel.h"

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;

std::string HeadOf(std::vector<uint8_t> order) {
  Lane lane;
  lane.MutableHead().channel = "webhook";
  lane.MutableHead().order = std::move(order);
  std::string bytes;
  lane.EncodeSegment(Lane::kHeadSegment, bytes);
  return bytes;
}

TEST(LaneTest, AnOrderNamesItemsAndEachOnce) {
  Lane read;
  EXPECT_TRUE(read.DecodeSegment(Lane::kHeadSegment, HeadOf({Lane::kLastItem, Lane::kFirstItem})));
  EXPECT_EQ(read.size(), 2U);
  const uint8_t head = Lane::kHeadSegment;
  const uint8_t beyond = Lane::kLastItem + 1;
  for (const std::vector<uint8_t>& order : {std::vector<uint8_t>{head}, {0}, {beyond}, {255}, {3, 4, 3}})
    EXPECT_FALSE(read.DecodeSegment(Lane::kHeadSegment, HeadOf(order)));
}

// Whoever writes to the topic must not stop the process that signs what it says.
TEST(ParcelTest, AnIdHasNoDot) {
  const auto notice = [](const std::string& id) {
    return ReadParcel(ParcelKind::kNotice, R"({"notice_id":")" + id + R"(","text":"t","recipients":[]})");
  };
  EXPECT_TRUE(notice("0a1b"));
  EXPECT_EQ(notice("0a.1b").error().field, "notice_id");
  EXPECT_THAT(notice("0a.1b").error().detail, HasSubstr("a dot"));
  EXPECT_EQ(notice("").error().field, "notice_id");
  const auto ticket = [](const std::string& ids) {
    return ReadParcel(ParcelKind::kTicket,
                      "{" + ids + R"(,"case_id":"c","operation":"open","priority":"P1","body":"b"})");
  };
  EXPECT_TRUE(ticket(R"("ticket_id":"0a")"));
  EXPECT_EQ(ticket(R"("ticket_id":"0.a")").error().field, "ticket_id");
  EXPECT_TRUE(ticket(R"("unreached":true,"unreached_id":"0a")"));
  EXPECT_EQ(ticket(R"("unreached":true,"unreached_id":"0.a")").error().field, "unreached_id");
}

}  // namespace
}  // namespace tocsin::daemon
