// Why a directory holds no events that could be read again.
#include "daemon/log/retained_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;

constexpr uid_t kNobody = 65534;

Error WhyNot(const std::string& directory) {
  const auto opened = RetainedLog::Open(directory);
  EXPECT_FALSE(opened);
  return opened ? Error{} : opened.error();
}

// The same, where `closed` is somebody else's.
Error WhyNotWith(const TempDirectory& directory, const std::string& closed) {
  EXPECT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  EXPECT_EQ(::chmod((directory / closed).c_str(), ::geteuid() == 0 ? 0700 : 0), 0);
  // Root may read everything: this thread looks as somebody else.
  if (::geteuid() == 0) ::setfsuid(kNobody);
  const Error why = WhyNot(directory.path());
  if (::geteuid() == 0) ::setfsuid(0);
  EXPECT_EQ(::chmod((directory / closed).c_str(), 0700), 0);
  return why;
}

TEST(RetainedLogTest, ADirectoryOfSomebodyElseIsNotSaidToBeNone) {
  const TempDirectory directory;
  std::filesystem::create_directories(directory / "log/input/0");
  const Error why = WhyNotWith(directory, "log");
  EXPECT_EQ(why.code, ErrorCode::kUnavailable);
  EXPECT_THAT(why.detail, HasSubstr("Permission denied: run tocsin as the user"));
}

// What is asked of it would be answered without the accounts of that partition.
TEST(RetainedLogTest, APartitionThatCannotBeListedIsNotPassedOver) {
  const TempDirectory directory;
  std::filesystem::create_directories(directory / "log/input/0");
  const Error why = WhyNotWith(directory, "log/input/0");
  EXPECT_EQ(why.code, ErrorCode::kUnavailable);
  EXPECT_EQ(why.field, directory / "log/input/0");
  EXPECT_THAT(why.detail, HasSubstr("cannot be read: Permission denied: run tocsin as the user"));
}

TEST(RetainedLogTest, AnotherDirectoryIsNone) {
  const TempDirectory directory;
  const Error why = WhyNot(directory.path());
  EXPECT_EQ(why.code, ErrorCode::kNotFound);
  EXPECT_THAT(why.detail, HasSubstr("it is not the state directory of a daemon"));
}

}  // namespace
}  // namespace tocsin::daemon
