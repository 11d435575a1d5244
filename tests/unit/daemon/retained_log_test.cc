// Why a directory holds no events that could be read again.
#include "daemon/log/retained_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/no_more_files.h"
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

TEST(RetainedLogTest, ADirectoryOfSomebodyElseIsNotSaidToBeNone) {
  const TempDirectory directory;
  std::filesystem::create_directories(directory / "log/input/0");
  ASSERT_EQ(::chmod((directory / "log").c_str(), ::geteuid() == 0 ? 0700 : 0), 0);
  // Root may read everything: this thread looks as somebody else.
  if (::geteuid() == 0) ::setfsuid(kNobody);
  const Error why = WhyNot(directory.path());
  if (::geteuid() == 0) ::setfsuid(0);
  ASSERT_EQ(::chmod((directory / "log").c_str(), 0700), 0);
  EXPECT_EQ(why.code, ErrorCode::kUnavailable);
  EXPECT_THAT(why.detail, HasSubstr("permission denied"));
}

// What is asked of it would be answered without the accounts of that partition.
TEST(RetainedLogTest, APartitionThatCannotBeListedIsNotPassedOver) {
  const TempDirectory directory;
  EXPECT_EQ(WhyNot(directory.path()).code, ErrorCode::kNotFound);
  std::filesystem::create_directories(directory / "log/input/0");
  for (const int left : {0, 1}) {
    const NoMoreFiles none(left);
    const Error why = WhyNot(directory.path());
    EXPECT_EQ(why.code, ErrorCode::kUnavailable) << left;
    EXPECT_THAT(why.ToString(), HasSubstr("cannot be read")) << left;
  }
}

TEST(RetainedLogTest, AnotherDirectoryIsNone) {
  const TempDirectory directory;
  const Error why = WhyNot(directory.path());
  EXPECT_EQ(why.code, ErrorCode::kNotFound);
  EXPECT_THAT(why.detail, HasSubstr("it is not the state directory of a daemon"));
}

}  // namespace
}  // namespace tocsin::daemon
