// Labels and findings read back from JSON: what is there, and which field is wrong.
#include <gtest/gtest.h>

#include "schemas/attack_label.h"
#include "schemas/finding_reader.h"

namespace tocsin::schemas {
namespace {

TEST(AttackLabel, IsRead) {
  const auto label = ParseAttackLabel(
      R"({"account_id":"a","attack":"takeover","from":"2026-01-20T10:00:00Z","until":"2026-01-20T11:00:00+01:00","event_ids":["x","y"],"more":1})");
  ASSERT_TRUE(label);
  EXPECT_EQ(label->account_id, "a");
  EXPECT_EQ(label->attack, "takeover");
  EXPECT_EQ(label->from, label->until);
  EXPECT_EQ(label->event_ids, (std::vector<std::string>{"x", "y"}));
}

struct Wrong {
  const char* json;
  const char* field;
};
TEST(AttackLabel, WhatIsWrongIsNamed) {
  for (
      const Wrong& wrong : {
          Wrong{"", "label"},
          Wrong{"[]", "label"},
          Wrong{R"({"attack":"t"})", "account_id"},
          Wrong{R"({"account_id":"a","attack":7})", "attack"},
          Wrong{R"({"account_id":"a","attack":"t","from":"soon"})", "from"},
          Wrong{
              R"({"account_id":"a","attack":"t","from":"2026-01-20T10:00:00Z","until":"2026-01-20T09:00:00Z"})",
              "until"},
          Wrong{
              R"({"account_id":"a","attack":"t","from":"2026-01-20T10:00:00Z","until":"2026-01-20T10:00:00Z","event_ids":[1]})",
              "event_ids"},
      }) {
    const auto label = ParseAttackLabel(wrong.json);
    ASSERT_FALSE(label) << wrong.json;
    EXPECT_EQ(label.error().field, wrong.field);
  }
}

constexpr std::string_view kFinding =
    R"({"finding_id":"f","detector":"d","family":"money","severity":"high","account_id":"a","occurred_at":"2026-01-20T10:00:00Z","reasons":[{"code":"c","text":"t","observed":"o","usual":"u"}]})";

TEST(FindingReader, ReadsAFindingAndTheEventAroundIt) {
  for (const std::string& json :
       {std::string(kFinding), R"({"specversion":"1.0","data":)" + std::string(kFinding) + "}"}) {
    const auto finding = ReadFinding(json);
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->family, Family::kMoney);
    EXPECT_EQ(finding->severity, Severity::kHigh);
    EXPECT_EQ(finding->reasons.front().observed, "o");
  }
}

TEST(FindingReader, WhatIsWrongIsNamed) {
  const auto without = [](std::string_view part, std::string_view instead) {
    std::string json(kFinding);
    json.replace(json.find(part), part.size(), instead);
    return json;
  };
  for (const auto& [json, field] : {std::pair<std::string, std::string>{"7", "finding"},
                                    {without("\"f\"", "\"\""), "finding_id"},
                                    {without("money", "fun"), "family"},
                                    {without("high", "huge"), "severity"},
                                    {without("2026", "x"), "occurred_at"},
                                    {without("reasons", "causes"), "reasons"}}) {
    const auto finding = ReadFinding(json);
    ASSERT_FALSE(finding) << json;
    EXPECT_EQ(finding.error().field, field);
  }
}

}  // namespace
}  // namespace tocsin::schemas
