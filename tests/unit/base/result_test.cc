#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <type_traits>
#include <unordered_set>

#include "base/strong_id.h"

namespace tocsin {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) return Error{.code = ErrorCode::kInvalid, .field = "value", .detail = "odd"};
  return value / 2;
}

TEST(ResultTest, HoldsAValueOrAnError) {
  EXPECT_TRUE(Half(4).ok());
  EXPECT_EQ(*Half(4), 2);
  EXPECT_FALSE(Half(3));
  EXPECT_EQ(Half(3).error(), (Error{ErrorCode::kInvalid, "value", "odd"}));
}

TEST(ResultTest, AValueMayBeMovedOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 7);
}

TEST(ResultTest, AnErrorOfAnotherType) {
  const Result<Done, int> result = 5;
  EXPECT_EQ(result.error(), 5);
}

TEST(ResultDeathTest, TheOtherSideIsABug) {
  EXPECT_DEATH(static_cast<void>(Half(3).value()), "result.h:.*CHECK failed");
  EXPECT_DEATH(static_cast<void>(Half(4).error()), "CHECK failed");
}

TEST(ErrorTest, TextNamesThePlace) {
  EXPECT_EQ((Error{ErrorCode::kInvalid, "occurred_at", "not RFC 3339"}).ToString(),
            "occurred_at: not RFC 3339");
  EXPECT_EQ((Error{ErrorCode::kInvalid, "", "disk full"}).ToString(), "disk full");
  EXPECT_EQ((Error{ErrorCode::kInvalid, "occurred_at", ""}).ToString(), "occurred_at");
}

static_assert(!std::is_convertible_v<std::string, AccountId>);
static_assert(!std::is_constructible_v<AccountId, EventId>);

TEST(StrongIdTest, ComparesAndHashesByText) {
  EXPECT_EQ(AccountId("a"), AccountId(std::string_view("a")));
  EXPECT_LT(AccountId("a"), AccountId("b"));
  const std::unordered_set<AccountId> ids{AccountId("a"), AccountId("a"), AccountId("b")};
  EXPECT_EQ(ids.size(), 2U);
}

TEST(StrongIdTest, ClearKeepsTheCapacity) {
  AccountId id(std::string(100, 'x'));
  id.Clear();
  EXPECT_TRUE(id.empty());
  EXPECT_GE(id.str().capacity(), 100U);
}

TEST(CheckDeathTest, NamesTheExpression) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "result_test.cc:[0-9]+: CHECK failed: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace tocsin
