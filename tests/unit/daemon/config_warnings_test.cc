// Configurations that work, and of which somebody should know what they do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/config/load_config.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

TEST(ConfigWarningsTest, AnOwnersNoThatNobodyHears) {
  const TempDirectory directory;
  directory.Write("answers.key", std::string(32, 'k'));
  const auto warned = [&](const std::string& more) {
    const LoadedConfig loaded = ParseConfig(
        "answers: {base_url: 'https://security.example.com', audience: a, key_id: '1', key: {file: "
        "answers.key}}\n" +
            more,
        directory.path());
    EXPECT_TRUE(loaded.valid());
    return std::ranges::any_of(loaded.problems, [](const ConfigProblem& problem) {
      return problem.warning && problem.key == "detectors.user_reported";
    });
  };
  EXPECT_FALSE(warned(""));
  EXPECT_TRUE(warned("detectors: {user_reported: {enabled: false}}\n"));
  EXPECT_TRUE(warned("detectors: {user_reported: {mode: shadow}}\n"));
  const LoadedConfig silent = ParseConfig("detectors: {user_reported: {enabled: false}}\n", ".");
  EXPECT_FALSE(std::ranges::any_of(silent.problems, [](const ConfigProblem& problem) {
    return problem.key == "detectors.user_reported";
  })) << "notices ask nothing";
}

}  // namespace
}  // namespace tocsin::daemon
