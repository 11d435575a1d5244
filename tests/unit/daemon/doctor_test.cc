// What the doctor says of a configuration, where no process and no service is needed for it.
#include "daemon/doctor/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config/memory_budget.h"
#include "daemon/doctor/secrets.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

Diagnoses Only(const char* area, const LoadedConfig& loaded) {
  DoctorOptions options;
  for (const std::string_view one : kDoctorAreas) {
    if (one != area) options.skip.emplace(one);
  }
  return Examine(loaded, "", options, Timestamp{});
}

// The daemon has no more workers than partitions: a machine of many cores is not said to lack memory for
// them.
TEST(DoctorTest, CountsTheWorkersThatThereWillBe) {
  LoadedConfig loaded;
  loaded.config.engine.workers = 64;
  loaded.config.local.partitions = 2;
  const uint64_t needed = BudgetOf(loaded.config, 2).Sum();
  ASSERT_LT(needed + (uint64_t{1} << 20U), BudgetOf(loaded.config, 64).Sum());
  loaded.config.engine.memory_limit_mb = static_cast<int>(needed >> 20U) + 1;
  const Diagnoses said = Only("memory", loaded);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].health, Health::kGood) << said[0].what;
}

TEST(DoctorTest, SaysWhatToDoAboutACacheThatCannotBeWritten) {
  const TempDirectory directory;
  LoadedConfig loaded;
  loaded.config.databases.asn = {directory.Write("asn.csv", "1,2,3,three\n")};
  loaded.config.databases.cache_directory = directory.Write("no-directory", "");
  const Diagnoses said = Only("geoip", loaded);
  ASSERT_THAT(said, Not(IsEmpty()));
  EXPECT_THAT(said[0].what, HasSubstr("converted again at every start"));
  EXPECT_THAT(said[0].remedy, HasSubstr("geoip.cache_directory"));
}

TEST(DoctorTest, KnowsThatSystemdsCredentialsAreThereOnlyWhileTheUnitRuns) {
  const LoadedConfig loaded = ParseConfig(
      "http: {admin_listen: '127.0.0.1:8701', admin_token: {file: "
      "/run/credentials/no-such.service/admin-token}}\n",
      "/");
  const Diagnoses said = Only("config", loaded);
  ASSERT_THAT(said, Not(IsEmpty()));
  EXPECT_THAT(said[0].what,
              HasSubstr("http.admin_token: /run/credentials/no-such.service/admin-token cannot be"));
  EXPECT_THAT(said[0].remedy,
              AllOf(HasSubstr("only while the unit runs"), HasSubstr("journalctl -u tocsin")));
  EXPECT_EQ(CredentialRemedy({.key = "http.admin_token", .text = "/etc/token cannot be read: No such file"}),
            "");
  EXPECT_EQ(CredentialRemedy({.key = "http.admin_token", .text = "/run/credentials/a/b is empty"}), "");
}

}  // namespace
}  // namespace tocsin::daemon
