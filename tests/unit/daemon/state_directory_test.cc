// A state directory that can be none is found before anything is made.
#include "daemon/store/state_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "daemon/doctor/machine.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;

TEST(StateDirectory, MayBeMadeWhereOneCanBe) {
  const TempDirectory directory;
  EXPECT_TRUE(CheckStateDirectory(directory.path()));
  EXPECT_TRUE(CheckStateDirectory(directory / "a/b/c"));
  EXPECT_TRUE(CheckStateDirectory(directory / "a/"));
  EXPECT_FALSE(fs::exists(directory / "a"));
}

TEST(StateDirectory, AFileIsNoneNorIsWhatWouldBeBelowIt) {
  const TempDirectory directory;
  std::ofstream(directory / "file") << "x";
  for (const char* const name : {"file", "file/state", "file/a/b"}) {
    const Result<Done> checked = CheckStateDirectory(directory / name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalid);
    EXPECT_THAT(checked.error().ToString(), EndsWith("file is no directory"));
    const Diagnoses said = ExamineStateDirectory(directory / name);
    ASSERT_EQ(said.size(), 1) << name;
    EXPECT_EQ(said.front().health, Health::kBad);
    EXPECT_THAT(said.front().what, EndsWith("file is no directory"));
  }
}

}  // namespace
}  // namespace tocsin::daemon
