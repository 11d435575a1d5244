// Every setting of every detector does something: moved across its boundary, the same story ends differently.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/setting_rows.h"

namespace tocsin::detectors {
namespace {

using test::SettingRow;

std::vector<SettingRow> AllRows() {
  std::vector<SettingRow> all;
  for (auto* rows :
       {LocationSettings, DeviceSettings, CredentialSettings, TakeoverSettings, LimitSettings, MoneySettings})
    std::ranges::move(rows(), std::back_inserter(all));
  return all;
}

class SettingTest : public testing::TestWithParam<SettingRow> {};

TEST_P(SettingTest, ChangesTheVerdict) {
  const SettingRow& row = GetParam();
  EXPECT_NE(row.found_with_one, row.found_with_other) << "the row shows nothing";
  EXPECT_EQ(test::FoundWith(row, row.one), row.found_with_one);
  EXPECT_EQ(test::FoundWith(row, row.other), row.found_with_other);
}

INSTANTIATE_TEST_SUITE_P(All, SettingTest, testing::ValuesIn(AllRows()), [](const auto& tested) {
  std::string name(tested.param.setting);
  std::ranges::replace(name, '.', '_');
  return name;
});

TEST(SettingsTest, EachHasARow) {
  std::multiset<std::string> rows;
  for (const SettingRow& row : AllRows()) rows.insert(std::string(row.setting));
  const std::vector<std::string> names = test::SettingNames();
  EXPECT_GT(names.size(), 100U);
  for (const std::string& name : names) EXPECT_EQ(rows.count(name), 1U) << name;
  EXPECT_EQ(rows.size(), names.size());
}

}  // namespace
}  // namespace tocsin::detectors
