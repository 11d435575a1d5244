#include "daemon/log/segment_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "daemon/log/file_error.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SegmentFilesTest, AreNamedAfterTheirBeginningAndListedInOrder) {
  const TempDirectory directory;
  EXPECT_EQ(SegmentPath("d", 67'108'864), "d/00000000000067108864.log");
  for (const int64_t begin : {int64_t{900}, int64_t{0}, int64_t{5'000'000'000}})
    directory.Write(SegmentPath("", begin), "x");
  for (const char* other :
       {"-5.log", "5.log.gz", "7.log", "lock", "x5.log", "99999999999999999999999.log", ".log"})
    directory.Write(other, "x");
  const Result<std::vector<int64_t>> listed = ListSegments(directory.path());
  ASSERT_TRUE(listed.ok());
  EXPECT_THAT(*listed, ElementsAre(0, 900, 5'000'000'000));
}

TEST(SegmentFilesTest, NoDirectoryHoldsNoneAndAFileIsNoDirectory) {
  const TempDirectory directory;
  const Result<std::vector<int64_t>> none = ListSegments(directory / "none");
  ASSERT_TRUE(none.ok());
  EXPECT_THAT(*none, IsEmpty());
  directory.Write("file", "x");
  const Result<std::vector<int64_t>> of_a_file = ListSegments(directory / "file");
  ASSERT_FALSE(of_a_file.ok());
  EXPECT_EQ(of_a_file.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(of_a_file.error().detail, "cannot be read: Not a directory");
}

TEST(FileErrorTest, OfMissingRightsItSaysWhoHasThem) {
  EXPECT_EQ(FileError("p", "cannot be read", EACCES).detail,
            "cannot be read: Permission denied: run tocsin as the user that the directory belongs to");
  EXPECT_EQ(FileError("p", "cannot be read", EIO).ToString(), "p: cannot be read: Input/output error");
}

}  // namespace
}  // namespace tocsin::daemon
