#include "daemon/log/fit_record.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "schemas/dead_letter.h"
#include "schemas/encode.h"

namespace tocsin::daemon {
namespace {

constexpr int64_t kTopicBytesMax = 1'048'588;  // The broker's default.

int64_t WrittenBytes(const schemas::Record& record) {
  const schemas::OutRecord written = schemas::ToRecord(schemas::ToDeadLetter(record, {}));
  int64_t bytes = static_cast<int64_t>(written.key.size() + written.value.size());
  for (const schemas::OutHeader& header : written.headers)
    bytes += static_cast<int64_t>(header.name.size() + header.value.size());
  return bytes;
}

TEST(FitRecord, AnOrdinaryRecordIsLeftAlone) {
  const std::string value(700'000, 'x');
  schemas::Record record{.topic = "logins", .key = "account-1", .value = value};
  EXPECT_FALSE(FitRecord(kTopicBytesMax, record));
  EXPECT_EQ(record.value.size(), value.size());
  EXPECT_LE(WrittenBytes(record), LetterBytesMax(record));
}

TEST(FitRecord, ALargeValueLosesItsEnd) {
  const std::string value(1'000'000, 'x');
  schemas::Record record{.topic = "logins", .key = "account-1", .value = value};
  EXPECT_TRUE(FitRecord(kTopicBytesMax, record));
  EXPECT_EQ(record.key, "account-1");
  EXPECT_GT(record.value.size(), 700'000U);
  EXPECT_LE(WrittenBytes(record), kTopicBytesMax);
}

TEST(FitRecord, WhateverIsLargeTheLetterFits) {
  const std::string large(1'000'000, '\x01');
  const std::string half(500'000, '\xff');
  const std::vector<std::vector<schemas::Header>> headers = {
      {}, {{"a", large}}, {{large, "a"}}, std::vector<schemas::Header>(20'000, {"name", "value"})};
  for (const auto& header : headers) {
    for (const std::string& key : {std::string("k"), large, half}) {
      for (const std::string& value : {std::string("v"), large, half}) {
        schemas::Record record{.topic = "logins", .key = key, .headers = header, .value = value};
        FitRecord(kTopicBytesMax, record);
        ASSERT_LE(WrittenBytes(record), kTopicBytesMax)
            << header.size() << ' ' << key.size() << ' ' << value.size();
        ASSERT_FALSE(FitRecord(kTopicBytesMax, record));
      }
    }
  }
}

TEST(MovedBytes, AreThoseOfTheRecordAndWhatMovingAdds) {
  const std::string value(100'000, 'x');
  const schemas::Header header{.name = "trace", .value = "1"};
  schemas::Record record{.topic = std::string_view("logins"), .value = value};
  const int64_t plain = MovedBytesMax(record, "ada");
  EXPECT_GT(plain, 100'009);
  EXPECT_LT(plain, 101'000);
  record.headers = {&header, 1};
  EXPECT_GE(MovedBytesMax(record, "ada"), plain + 6);
}

}  // namespace
}  // namespace tocsin::daemon
