#include "schemas/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::schemas {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitBatchTest, GivesTheTextOfEachElement) {
  EXPECT_THAT(*SplitBatch("[]"), IsEmpty());
  EXPECT_THAT(*SplitBatch(" [ \n ] "), IsEmpty());
  EXPECT_THAT(*SplitBatch("[{}]"), ElementsAre("{}"));
  EXPECT_THAT(*SplitBatch(" [ {\"a\":[1,2]} , {\"b\":{\"c\":[]}}\n]\n"),
              ElementsAre("{\"a\":[1,2]}", "{\"b\":{\"c\":[]}}"));
}

TEST(SplitBatchTest, IsNotFooledByStrings) {
  EXPECT_THAT(*SplitBatch(R"([{"a":"],[\"}{"},{"b":"\\"}])"),
              ElementsAre(R"({"a":"],[\"}{"})", R"({"b":"\\"})"));
}

TEST(SplitBatchTest, LeavesABadElementToTheDecoder) {
  EXPECT_THAT(*SplitBatch("[{\"a\" 1},nonsense,{}]"), ElementsAre("{\"a\" 1}", "nonsense", "{}"));
}

TEST(SplitBatchTest, RefusesWhatHasNoElements) {
  for (const char* json : {"", " ", "{}", "[", "[{}", "[{},", "[,]", "[{},]", "[{},,{}]", "[]]", "[] x",
                           "[\"", "[\"\\", "[}", "[{}}]", "[[]", "]"}) {
    EXPECT_FALSE(SplitBatch(json)) << json;
  }
}

}  // namespace
}  // namespace tocsin::schemas
