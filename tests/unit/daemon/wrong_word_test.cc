// A command line that cannot be read: the word that is wrong is named, and not what is missing because of it.
#include "daemon/cli/wrong_word.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Said(std::vector<std::string> words) {
  CLI::App app("", "tocsin");
  app.require_subcommand(1);
  std::string config;
  CLI::App* check = app.add_subcommand("check", "");
  check->add_option("--config", config, "")->required();
  check->add_flag("--strict");
  CLI::App* letters = app.add_subcommand("deadletters", "");
  letters->require_subcommand(1);
  letters->add_subcommand("replay", "")->add_option("id", config, "");
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
  } catch (const CLI::ParseError&) {
    return WrongWord(app);
  }
  return "was taken";
}

TEST(WrongWord, IsNamedWithTheNearest) {
  EXPECT_THAT(Said({"chekc"}), HasSubstr("tocsin: chekc is no command of it; did you mean check?"));
  EXPECT_THAT(Said({"chekc", "--config", "x"}), HasSubstr("tocsin: chekc is no command"));
  EXPECT_THAT(Said({"check", "--nosuch"}), HasSubstr("tocsin check: --nosuch is no option of it\n"));
  EXPECT_THAT(Said({"check", "--confg", "x"}),
              HasSubstr("--confg is no option of it; did you mean --config?"));
  EXPECT_THAT(Said({"check", "--config", "x", "--strcit"}), HasSubstr("did you mean --strict?"));
  EXPECT_THAT(Said({"check", "--confg=secret"}), Not(HasSubstr("secret")));
  EXPECT_THAT(Said({"deadletters", "repaly"}),
              HasSubstr("tocsin deadletters: repaly is no command of it; did you mean replay?"));
  EXPECT_THAT(Said({"deadletters", "replay", "one", "two"}), HasSubstr("two is one word too many"));
}

TEST(WrongWord, NothingIsMadeUpWhenOnlySomethingIsMissing) {
  EXPECT_EQ(Said({"check"}), "");
  EXPECT_EQ(Said({}), "");
  EXPECT_EQ(Said({"deadletters"}), "");
  EXPECT_EQ(Said({"check", "--config", "x"}), "was taken");
}

}  // namespace
}  // namespace tocsin::daemon
