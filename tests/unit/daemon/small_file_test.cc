// Small files: what is read, and what is said of those that cannot be.
#include "daemon/store/small_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "daemon/doctor/secrets.h"
#include "daemon/http/account_ref.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(SmallFile, IsReadWhole) {
  const TempDirectory directory;
  const std::string text(100'000, 'x');
  std::ofstream(directory / "a") << text;
  EXPECT_EQ(*ReadBoundedFile(directory / "a", text.size()), text);
  EXPECT_EQ(ReadBoundedFile(directory / "a", text.size() - 1).error().code, ErrorCode::kExhausted);
  std::ofstream(directory / "empty").flush();
  EXPECT_EQ(*ReadBoundedFile(directory / "empty", 0), "");
}

TEST(SmallFile, SaysWhyItCannotBeRead) {
  const TempDirectory directory;
  const Error missing = ReadBoundedFile(directory / "none", 10).error();
  EXPECT_EQ(missing.code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.detail, HasSubstr("No such file"));
  const Error folder = ReadBoundedFile(directory.path(), 10).error();
  EXPECT_EQ(folder.code, ErrorCode::kInvalid);
  EXPECT_THAT(folder.detail, HasSubstr("Is a directory"));
}

// A directory opens as a stream and breaks off when it is read, by an exception.
TEST(SmallFile, ADirectoryInTheWayOfOneIsTold) {
  const TempDirectory directory;
  EXPECT_TRUE(ExamineSecrets(directory.path()).empty());
  fs::create_directory(directory / "account-ref.key");
  EXPECT_FALSE(AccountRefs::Open(directory.path()));
}

// Names that are in the audit log already would otherwise mean nobody any more.
TEST(SmallFile, AKeyThatIsCutOffIsNotReplaced) {
  const TempDirectory directory;
  ASSERT_TRUE(AccountRefs::Open(directory.path()));
  const std::string name = AccountRefs::Open(directory.path())->Of("a");
  const std::string key = *ReadBoundedFile(directory / "account-ref.key", 32);
  fs::resize_file(directory / "account-ref.key", 10);
  const auto refused = AccountRefs::Open(directory.path());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("10 bytes instead of 32"));
  EXPECT_EQ(fs::file_size(directory / "account-ref.key"), 10U);
  std::ofstream(directory / "account-ref.key") << key;
  EXPECT_EQ(AccountRefs::Open(directory.path())->Of("a"), name);
}

}  // namespace
}  // namespace tocsin::daemon
