#include "detectors/state/room.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace tocsin::detectors {
namespace {

TEST(RoomTest, ListsGrowByAQuarter) {
  std::vector<int> list;
  for (int i = 0; i < 1000; ++i) {
    MakeRoom(list);
    list.push_back(i);
    EXPECT_LE(list.capacity(), list.size() + list.size() / 4 + 1);
  }
}

TEST(RoomTest, RoomOfALongListIsGivenBack) {
  std::vector<std::unique_ptr<int>> list;
  for (int i = 0; i < 100; ++i) list.push_back(std::make_unique<int>(i));
  list.erase(list.begin() + 7, list.end());
  GiveBackRoom(list);
  EXPECT_LE(list.capacity(), 9U);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(*list[static_cast<size_t>(i)], i);

  const auto* const before = list.data();
  list.pop_back();
  GiveBackRoom(list);  // One entry that goes moves nothing.
  EXPECT_EQ(list.data(), before);
}

}  // namespace
}  // namespace tocsin::detectors
