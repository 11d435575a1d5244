// Configurations that work, and of which somebody should know what they do; and those of tokens, which do
// not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "daemon/config/load_config.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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

std::vector<std::string> Told(const std::string& yaml, const TempDirectory& directory, bool warnings) {
  std::vector<std::string> told;
  for (const ConfigProblem& problem : ParseConfig(yaml, directory.path()).problems) {
    if (problem.warning == warnings && problem.key.starts_with("http.")) told.push_back(problem.Sentence());
  }
  return told;
}

TEST(ConfigWarningsTest, EventsOfStrangersBesideTheAnswersOfOwners) {
  const TempDirectory directory;
  directory.Write("answers.key", std::string(32, 'k'));
  directory.Write("token", std::string(32, 't'));
  const auto warnings = [&](const std::string& base_url, const std::string& more) {
    return Told("answers: {base_url: '" + base_url + "', key: {file: answers.key}}\n" + more, directory,
                true);
  };
  const std::string url = "https://security.example.com";
  EXPECT_THAT(warnings(url, "log: local\n"), ElementsAre(HasSubstr("http.events_token: not set: the port")));
  EXPECT_THAT(warnings(url, "log: local\nhttp: {events_token: {file: token}}\n"), IsEmpty());
  EXPECT_THAT(warnings(url, "log: local\nhttp: {events_listen: ''}\n"), IsEmpty()) << "no port";
  EXPECT_THAT(warnings(url, "log: kafka\n"), IsEmpty()) << "takes no events";
  EXPECT_THAT(warnings("http://127.0.0.1:8700", "log: local\n"), IsEmpty()) << "no stranger is led there";
  EXPECT_THAT(warnings(url, "log: local\nhttp: {events_token: {file: none}}\n"), IsEmpty())
      << "that it cannot be read is said";
}

TEST(ConfigWarningsTest, AShortTokenCanBeGuessed) {
  const TempDirectory directory;
  directory.Write("short", "fifteen-letters\n");
  directory.Write("enough", "sixteen-letters.\n");
  for (const std::string key : {"events_token", "admin_token", "admin_read_token"}) {
    EXPECT_THAT(Told("http: {" + key + ": {file: short}}\n", directory, true),
                ElementsAre(HasSubstr("http." + key + ": is shorter than 16 characters")));
    EXPECT_THAT(Told("http: {" + key + ": {file: enough}}\n", directory, true), IsEmpty());
  }
}

TEST(ConfigErrorsTest, ATokenIsOneWordOfAscii) {
  const TempDirectory directory;
  for (const std::string text :
       {"sixteen-letters-\nand-a-line", "sixteen letters and blanks", " sixteen-letters-behind-a-blank",
        "sixteen-letters-before-a-blank ", "sixteen\tletters-and-more", "sixteen-letters-\x7f-and-more",
        "sixteen-letters-%41-and-more", "sixteen-letters-\xc3\xa4-and-more",
        "sixteen-letters-\x01-and-more"}) {
    directory.Write("token", text + "\n");
    for (const std::string key : {"events_token", "admin_token", "admin_read_token"}) {
      EXPECT_THAT(Told("http: {" + key + ": {file: token}}\n", directory, false),
                  ElementsAre(HasSubstr("http." + key + ": its file must hold one line of ASCII letters")))
          << text;
    }
  }
  directory.Write("token", "AZaz09-._~+/=!\"#$&'()*,:;<>?@[]^`{|}\r\n");
  EXPECT_THAT(Told("http: {admin_token: {file: token}}\n", directory, false), IsEmpty());
}

TEST(ConfigErrorsTest, WhoMayOnlyLookHasAnotherToken) {
  const TempDirectory directory;
  directory.Write("one", std::string(32, 'a') + "\n");
  directory.Write("same", std::string(32, 'a'));
  directory.Write("another", std::string(32, 'b'));
  const auto errors = [&](const std::string& read) {
    return Told("http: {admin_token: {file: one}, admin_read_token: {file: " + read + "}}\n", directory,
                false);
  };
  EXPECT_THAT(errors("one"), ElementsAre(HasSubstr("http.admin_read_token: must not be that of")));
  EXPECT_THAT(errors("same"), ElementsAre(HasSubstr("http.admin_read_token: must not be that of")));
  EXPECT_THAT(errors("another"), IsEmpty());
  EXPECT_THAT(Told("http: {admin_read_token: {file: one}}\n", directory, false), IsEmpty());
}

}  // namespace
}  // namespace tocsin::daemon
